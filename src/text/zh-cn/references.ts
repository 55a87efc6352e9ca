import type { SavedImage } from "../../contract/usecases.ts";
import type { enReferences } from "../en/references.ts";
import { utcTime } from "../words.ts";

const owner = ({ shared }: Pick<SavedImage, "shared">) => (shared ? "这里所有人可用" : "仅您在这里可用");
const facts = (saved: SavedImage) => [
  owner(saved),
  `${saved.image.width}x${saved.image.height} ${saved.image.format}`,
  utcTime(saved.savedAt),
];

export const zhReferences: typeof enReferences = {
  saved: (image) => ({
    title: `已保存：@${image.name}`,
    tone: "good",
    paragraphs: [`此图片${owner(image)}。在提示词中写 @${image.name} 即以它为起点。`],
  }),
  one: (image) => ({
    title: `@${image.name}`,
    tone: "plain",
    paragraphs: [facts(image).join(" · ")],
  }),
  altText: ({ name }) => `已存图片 @${name}`,
  list: (images) => ({
    title: images.length === 0 ? "还没有已存图片" : "已存图片",
    tone: "plain",
    paragraphs: [
      images.length === 0
        ? "请按图片下方或消息菜单中的“图片存为…”，或使用 /reference save 保存一张。"
        : "在提示词中写出名称，即以该图片为起点。",
    ],
    rows: images.map((image) => ({
      label: `@${image.name}`,
      value: [...facts(image), ...(image.hidden ? ["提示词中的这个名称指您自己的那张"] : [])].join(" · "),
    })),
  }),
  removed: (image) => ({
    title: `已移除：@${image.name}`,
    tone: "good",
    paragraphs: ["以它生成的图片和等待中的任务保持不变。"],
  }),
  named: (images) =>
    `以 ${images.map((image) => `@${image.name}（${image.shared ? "所有人的" : "您的"}）`).join("、")}为起点。`,
  unknown: (names) => `${names.map((name) => `@${name}`).join("、")} 不是您在这里可用的已存图片，按原文字处理。`,
};
