import type { ChannelPermission } from "../../errors.ts";
import type { Credits } from "../../request.ts";
import type { enDiscord } from "../en/discord.ts";
import { number } from "../words.ts";
import { permissionNames } from "./permissions.ts";

export const zhDiscord: typeof enDiscord = {
  names: {
    ...{ imagine: "画图", edit: "编辑", history: "历史", credits: "点数", settings: "设置", help: "帮助" },
    ...{
      style: "风格",
      reference: "参考图",
      save: "保存",
      show: "查看",
      list: "列表",
      remove: "移除",
      default: "默认",
    },
    ...{ privacy: "隐私", about: "说明", export: "导出", delete: "删除" },
    ...{ admin: "管理", grant: "授予", limit: "限额", budget: "预算", allowance: "津贴", usage: "用量", block: "屏蔽" },
    ...{ rules: "规则", provider: "服务", pause: "暂停", resume: "继续", unknown: "未定" },
  },
  editMessage: "编辑图片",
  saveMessage: "图片存为…",
  paintMessage: "在图片上涂画",
  lacking: (permissions: readonly ChannelPermission[]) =>
    `我在此频道缺少权限：${permissions.map((each) => permissionNames[each]).join("、")}。结果会作为对您命令的回答或以私信发送。`,
  describeImage: (number: number) => `第 ${number} 张图片的替代文本`,
  describeHint: "读给看不到图片的人听；留空则由提示词生成",
  describeWhich: "哪一张图片",
  describeWhichHint: "它的替代文本写在下面；其他图片不变",
  describeOneHint: "读给看不到该图片的人听；留空则不变",
  describeHidden: "剧透遮挡",
  describeHiddenHint: "这些图片在有人点开之前隐藏",
  imageNumber: (number: number) => `第 ${number} 张图片`,
  size: (size: string, total: Credits) => `${size} · ${number(total)} 点`,
  uploadHint: "更多要使用的图片；名为 mask.png 的文件只在透明处重绘",
  reading: () => ({ title: "请稍候……", tone: "waiting", paragraphs: [] }),
  noImages: () => ({ title: "没有图片", tone: "bad", paragraphs: ["该消息中没有可编辑的图片。"] }),
  noImageToSave: () => ({ title: "没有图片", tone: "bad", paragraphs: ["该消息中没有可保存的图片。"] }),
  someone: "某人",
  somewhere: "频道",
  leftOutFiles: (names: string) => `已忽略（不是图片）：${names}`,
  runAgain: () => ({ title: "请重新操作", tone: "bad", paragraphs: ["已不知道此表单对应的图片。没有收费。"] }),
  sayWhat: () => ({
    title: "要画什么？",
    tone: "plain",
    paragraphs: ["请在我的名字后面写下要画什么，或图片要改什么。"],
  }),
  hiddenImage: () => ({
    title: "Discord 没有向我显示该图片",
    tone: "bad",
    paragraphs: ["请打开该消息的菜单，选择“应用”和“编辑图片”；或者把图片附在您自己的消息中。"],
  }),
  expected: (start: string | undefined, end: string) =>
    start === undefined ? `预计 ${end} 完成` : `预计 ${start} 开始，${end} 完成`,
  started: (start: string, end: string | undefined, percent: number | undefined) =>
    [`${start} 开始`, end ? `预计 ${end} 完成` : "", percent === undefined ? "" : `${Math.round(percent)} %`]
      .filter(Boolean)
      .join("，"),
  left: (credits: Credits) => `之后剩 ${number(credits)} 点`,
  sentDirect: "无法在这里显示：请查看您的私信。",
  waiting: (user: string, made: boolean) =>
    made
      ? `${user}，您的私密图片已完成，但您不接收我的私信。图片在 /history 中，没有收费。`
      : `${user}，这次没有图片，也没有收费。`,
  smaller: (count: number, links: string) =>
    `${count} 张图片对 Discord 来说太大，已缩小。${links ? `原图：${links}` : ""}`,
  stoodStill: (count: number, links: string) =>
    `${count} 个动图对 Discord 来说太大，只显示第一帧。${links ? `原图：${links}` : ""}`,
  leftOut: (count: number) => `${number(count)} 张图片放不进 Discord 的消息，文件中列有它们的名称。`,
};
