import type { Style, StyleDefault } from "../../contract/usecases.ts";
import type { enStyles } from "../en/styles.ts";
import { clip } from "../words.ts";

const rowsOf = (style: Style) => {
  const rows = [
    ["提示词之前", style.before],
    ["提示词之后", style.after],
    ["尺寸", style.size],
    ["质量", style.quality],
    ["格式", style.format],
    ["背景", style.background],
    ["压缩", style.compression],
    ["保真度", style.fidelity],
    ["参考图", style.references > 0 ? `${style.references} 张` : undefined],
  ] as const;
  const set = rows.filter(([, value]) => value !== undefined && value !== "");
  return set.map(([label, value]) => ({ label, value: clip(String(value), 300) }));
};

const owner = ({ shared }: Style) => (shared ? "这里所有人可用" : "仅您可用");
const channelRow = ({ name, channel }: StyleDefault) =>
  channel === undefined ? [] : [{ label: `默认使用 ${name} 的频道`, value: channel }];
const everywhere = ({ channel }: StyleDefault) => channel === undefined;

export const zhStyles: typeof enStyles = {
  saved: (style) => ({
    title: `已保存：${style.name}`,
    tone: "good",
    paragraphs: [`此风格${owner(style)}。生成图片时写出它的名称：style ${style.name}。`],
    rows: rowsOf(style),
  }),
  one: (style) => ({
    title: `风格 ${style.name}`,
    tone: "plain",
    paragraphs: [`此风格${owner(style)}。`],
    rows: rowsOf(style),
  }),
  list: (styles, defaults) => ({
    title: styles.length === 0 ? "还没有风格" : "风格",
    tone: "plain",
    paragraphs: [
      ...(styles.length === 0 ? ["请按您图片下方的“存为风格”，或使用 /style save 保存一个。"] : []),
      ...defaults.filter(everywhere).map(({ name }) => `${name} 是这里的默认风格。`),
      ...(defaults.length > 0 ? ["未指定风格时使用默认风格；style none 则不使用风格。"] : []),
    ],
    rows: [
      ...defaults.flatMap(channelRow),
      ...styles.map((style) => ({
        label: style.name,
        value: [owner(style), ...rowsOf(style).map(({ value }) => clip(value, 40))].join(" · "),
      })),
    ],
  }),
  removed: (style) => ({
    title: `已移除：${style.name}`,
    tone: "good",
    paragraphs: ["以它生成的图片和等待中的任务保持不变。"],
  }),
  fact: (name) => `风格 ${name}`,
};
