import type { enCards } from "../en/cards.ts";
import { clip, number, utcTime } from "../words.ts";

const plain = (title: string, ...paragraphs: string[]) => ({ title, tone: "plain" as const, paragraphs });
const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
const days = (count: number) => (count === 0 ? "直到您删除" : `${count} 天`);

export const zhCards: typeof enCards = {
  history: (jobs, search, limit) => {
    if (jobs.length === 0) {
      return plain(
        "这里没有内容",
        search === undefined ? "您还没有生成图片，或者已被删除。" : `您没有包含“${clip(search, 80)}”的提示词。`,
      );
    }
    const last = jobs.at(-1);
    return {
      title: search === undefined ? "您的图片" : `您的图片：“${clip(search, 80)}”`,
      tone: "plain",
      paragraphs: [],
      rows: jobs.map((job) => ({
        label: utcTime(job.createdAt),
        value: `${job.parent ? "↳ " : ""}${clip(job.batch?.written ?? job.request.prompt, 80)}`,
      })),
      ...(jobs.length === limit && last && search === undefined
        ? { buttons: [{ command: "older", job: last.id, label: "更早", style: "plain" }] }
        : {}),
    };
  },

  declined: () => plain("没有生成图片", "也没有花费点数。"),

  paintLink: (url) => ({
    title: "在这张图片上涂画",
    tone: "plain",
    paragraphs: [
      "标出要修改的部分、在图上画，或向外扩展。结果会出现在这里。",
      "链接只供您使用：15 分钟内有效，只能用一次。",
    ],
    link: { label: "打开", url },
  }),

  galleryButton: "图库",
  galleryLink: (url) => ({
    title: "您在这里的图片",
    tone: "plain",
    paragraphs: ["在一个页面上搜索、下载、涂画和删除您的全部图片。", "链接只供您使用：15 分钟内有效，只能用一次。"],
    link: { label: "打开", url },
  }),

  removed: () => plain("已删除", "图片和提示词已删除。已支付的点数不退。"),
  described: () => plain("已更改", "图片已有新的替代文本和剧透设置，今后在任何地方显示时都会保留。"),
  describedLater: () =>
    plain(
      "已保存备用",
      "替代文本和剧透设置已保存，下次显示该图片时使用。消息本身无法更改：它已被删除，或位于我无法再更改的地方。",
    ),

  settings: (s) => {
    const rows = [
      ["尺寸", s.size],
      ["质量", s.quality],
      ["数量", s.count],
      ["格式", s.format],
      ["背景", s.background],
      ["压缩", s.compression],
      ["保真度", s.fidelity],
      ["草图", s.drafts === undefined ? undefined : s.drafts ? "是" : "否"],
      ["服务", s.provider],
      ["私密", s.private === undefined ? undefined : s.private ? "是" : "否"],
      ["超过则询问", s.confirmAbove === undefined ? undefined : `${number(s.confirmAbove)} 点`],
    ] as const;
    const set = rows.filter(([, value]) => value !== undefined);
    return {
      title: "您的设置",
      tone: "plain",
      paragraphs: [set.length === 0 ? "没有设置：使用通常的值。" : "在您未指定时使用。"],
      rows: set.map(([label, value]) => ({ label, value: String(value) })),
    };
  },

  help: (rows) => ({
    title: "用文字生成图片",
    tone: "plain",
    paragraphs: [
      "说出要画什么，花费之前先看到价格。只为您得到的图片付费。",
      "回复一张图片并写下要改什么，它就会被编辑。提示词末尾逗号之后的 2k、16:9、high 或 x3 会设定尺寸、质量和数量。",
    ],
    rows,
  }),

  privacy: (services, kept) => ({
    title: "保存了您的哪些信息",
    tone: "plain",
    paragraphs: [
      "您的提示词、您发送和得到的图片、您的名字和设置，由运行此机器人的人保存，别处没有。",
      `提示词和结果：${days(kept.contentDays)}。作为起点的图片：${days(kept.referenceDays)}。风格和已存图片：直到您移除。`,
      `提示词和作为起点的图片会发送给生成图片的服务，用一个编号代替您的名字：${services.join("、")}。`,
      "已支付的金额会保留记录，但不带您的名字。其余内容可随时导出或删除。",
    ],
  }),

  exported: ({ images }) =>
    plain(
      "您的数据",
      images.length === 0
        ? "保存的有关您的一切都在文件中。"
        : `保存的有关您的一切：一个文档和 ${images.length} 张图片（${megabytes(images.reduce((sum, { bytes }) => sum + bytes, 0))}）。`,
    ),

  deleteData: () => ({
    title: "全部删除？",
    tone: "bad",
    paragraphs: [
      "提示词、图片、名字和设置将被永久删除，等待中的任务会被取消。频道中的消息会保留：请用它们自己的按钮删除。",
      "已支付的金额会保留记录，但不带您的名字。",
    ],
    buttons: [{ command: "privacy-delete-now", label: "全部删除", style: "danger" }],
  }),

  deleted: (jobs) => plain("已删除", `${number(jobs)} 个任务和您的设置已删除。`),

  about: (seconds) =>
    seconds < 90 ? `约 ${Math.max(5, Math.ceil(seconds / 5) * 5)} 秒` : `约 ${Math.ceil(seconds / 60)} 分钟`,
};
