import type { Change, Credits } from "../request.ts";
import { sizeText } from "../request.ts";
import type { CreditsView, JobView, Movement, QuoteView, ServiceOffer } from "../usecases/usecases.ts";
import type { CardButton } from "./card.ts";
import type { Text } from "./text.ts";
import { clip, number, utcTime } from "./words.ts";
import { zhFailures, zhRefusals } from "./zh-cn-errors.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;

const change = (c: Change): string =>
  c.code === "size-snapped"
    ? `该服务不提供 ${c.from} 尺寸，将使用最接近的 ${c.to}。`
    : `该服务不提供“${c.option}”选项，将忽略它。`;

const what = ({ request, provider }: JobView) =>
  `${request.count} 张 · ${sizeText(request.size)} · ${request.quality} · ${request.format} · ${provider}`;

const movementNames: Record<Movement["kind"], string> = {
  "top-up": "每日补充",
  grant: "授予",
  hold: "预留",
  spent: "支出",
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

export const zhCN: Text = {
  language: "简体中文",
  fields: {
    prompt: { label: "提示词", hint: "用您自己的话描述要画什么" },
    change: { label: "要改什么", hint: "用您自己的话描述要有什么不同" },
    size: { label: "尺寸", hint: "auto、像素（如 2048x1152）或比例（如 2K 16:9）" },
    quality: { label: "质量", hint: "越高越好看，也越慢，可能更贵" },
    count: { label: "数量", hint: "几张图片" },
    format: { label: "格式", hint: "png 保留一切，jpeg 和 webp 更小" },
    images: { label: "图片", hint: "作为起点或要合成的图片（PNG、JPEG 或 WebP）" },
    mask: { label: "蒙版", hint: "第一张图片要重绘的地方为透明" },
    private: { label: "私密", hint: "只给您一个人看结果" },
    provider: { label: "服务", hint: "使用哪个图像服务" },
    job: { label: "任务", hint: "所指的任务" },
  },
  choices: {
    size: {
      auto: "auto：由模型选择",
      square1k: "1K 方形 (1024x1024)",
      landscape1k: "1K 横向 (1536x1024)",
      portrait1k: "1K 纵向 (1024x1536)",
      square2k: "2K 方形 (2048x2048)",
      wide2k: "2K 宽屏 (2048x1152)",
      wide4k: "4K 宽屏 (3840x2160)",
      tall4k: "4K 竖屏 (2160x3840)",
    },
    quality: { auto: "自动", low: "低：快速草稿", medium: "中", high: "高：最终成图" },
    format: { png: "PNG", jpeg: "JPEG", webp: "WebP" },
  },
  commands: {
    imagine: "用文字，或用图片和文字生成图片",
    edit: "修改一张图片",
    again: "再生成一次",
    vary: "生成图片的变体",
    upscale: "以大一级的尺寸重新生成图片",
    cancel: "把等待中的任务移出队列",
    credits: "您的点数、补充时间和去向",
  },
  buttons: {
    again: "再来一次",
    vary: "变体",
    edit: "编辑",
    upscale: "放大",
    cancel: "取消",
    tryAgain: (total: Credits) => `再试一次（最多 ${credits(total)}）`,
  },
  refusals: zhRefusals,
  failures: zhFailures,
  credits,
  change,

  service: (offer: ServiceOffer): string =>
    offer.total === undefined ? `${offer.label}：无法按要求完成` : `${offer.label}：${credits(offer.total)}`,

  bug: (reference: string) => ({
    title: "出了问题",
    tone: "bad",
    paragraphs: ["这是机器人的故障，与您的操作无关，也没有收费。", `如果再次发生，请把此编号告诉运营者：${reference}`],
  }),

  refusal: (sentence: string) => ({ title: "无法执行", tone: "bad", paragraphs: [sentence] }),

  quote: (q: QuoteView) => ({
    title: `最多 ${credits(q.total)}`,
    tone: q.after < 0 ? "bad" : "plain",
    paragraphs: [
      `${q.provider}，${q.tier ?? "尺寸由模型决定"}：每张 ${credits(q.unit)}。` +
        (q.after < 0
          ? `您有 ${credits(q.available)}：还差 ${credits(-q.after)}。`
          : `您有 ${credits(q.available)}，之后剩 ${credits(q.after)}。`),
      ...q.changes.map(change),
    ],
  }),

  job: (view: JobView) => {
    const lines = [what(view), `已预留 ${credits(view.held)}。只有得到图片才收费。`, ...view.changes.map(change)];
    switch (view.state) {
      case "queued":
        return {
          title: view.position && view.position > 1 ? `等待中：排在第 ${view.position} 位` : "等待中：下一个就是您",
          tone: "waiting",
          paragraphs: lines,
          buttons: [button(view.id, "cancel", "取消", "danger")],
        };
      case "running":
        return { title: "绘制中……", tone: "waiting", paragraphs: lines };
      case "delivering":
        return { title: "完成，正在发布……", tone: "waiting", paragraphs: lines };
      case "delivered":
        return {
          title: "完成",
          tone: "good",
          paragraphs: [what(view), `收费 ${credits(view.charged ?? 0)}。`, ...view.changes.map(change)],
        };
      case "cancelled":
        return { title: "已取消", tone: "plain", paragraphs: [`已退回 ${credits(view.held)}。`] };
      case "undeliverable":
        return {
          title: "无处发布",
          tone: "bad",
          paragraphs: ["图片已生成，但无法发布到任何地方。没有收费，图片保存在您的历史记录中。"],
        };
      case "failed":
        return {
          title: "这次没有图片",
          tone: "bad",
          paragraphs: [
            view.failure ? zhFailures[view.failure.outcome](view.failure.refusedFor) : zhFailures.bug(),
            "没有收费。",
            ...(view.failure ? [`编号：${view.failure.reference}`] : []),
          ],
          buttons: [button(view.id, "again", zhCN.buttons.tryAgain(view.held), "primary")],
        };
    }
  },

  result: {
    facts: (view: JobView) =>
      [
        what(view),
        credits(view.charged ?? view.held),
        view.finishedAt && view.startedAt
          ? `${Math.max(1, Math.round((view.finishedAt - view.startedAt) / 1000))} 秒`
          : "",
      ]
        .filter(Boolean)
        .join(" · "),
    altText: (view: JobView, limit: number) => clip(`生成的图片：${view.request.prompt}`, limit),
    fewer: (got: number, asked: number) => `服务生成了 ${asked} 张中的 ${got} 张，只收这些的费用。`,
  },

  creditsCard: (view: CreditsView) => ({
    title: `可用 ${credits(view.available)}`,
    tone: "plain",
    paragraphs: [
      `将于 ${utcTime(view.renewsAt)} 补充到 ${credits(view.renewsTo)}。`,
      ...(view.held > 0 ? [`${credits(view.held)} 为未完成的任务预留。`] : []),
    ],
    rows: view.movements.map((m) => ({
      label: `${utcTime(m.at)} · ${movementNames[m.kind]}`,
      value: m.amount > 0 ? `+${number(m.amount)}` : number(m.amount),
    })),
  }),
};
