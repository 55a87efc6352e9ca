import type {
  Confirmation,
  CreditsView,
  JobView,
  Movement,
  Offer,
  QuoteView,
  ServiceOffer,
  WordsTaken,
} from "../../contract/usecases.ts";
import type { ShownImage } from "../../image.ts";
import type { Credits, Request } from "../../request.ts";
import { sizeText } from "../../request.ts";
import type { Card, CardButton } from "../card.ts";
import type { Text } from "../text.ts";
import { clip, clipInside, number, utcTime } from "../words.ts";
import { zhAdmin } from "./admin.ts";
import { zhAlerts } from "./alerts.ts";
import { zhApprovals } from "./approvals.ts";
import { zhBatches } from "./batches.ts";
import { zhCards } from "./cards.ts";
import { zhChange as change } from "./changes.ts";
import { zhDiscord } from "./discord.ts";
import { zhFailures, zhRefusals } from "./errors.ts";
import { zhReferences } from "./references.ts";
import { zhSlack } from "./slack.ts";
import { zhStyles } from "./styles.ts";
import { zhChoices, zhCommands, zhFields, zhGroups } from "./vocabulary.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;

const lookOf = ({ format, background }: Request) =>
  background === "auto" ? format : `${format} · ${zhChoices.background[background]}`;

const what = ({ request, provider }: Pick<JobView, "request" | "provider">) =>
  `${request.count} 张 · ${sizeText(request.size)} · ${request.quality} · ${lookOf(request)} · ${provider}` +
  (request.style === undefined ? "" : ` · ${zhStyles.fact(request.style)}`);

const movementNames: Record<Movement["kind"], string> = {
  "top-up": "每日补充",
  grant: "授予",
  reversal: "已收回",
  hold: "预留",
  spent: "支出",
};

const times = ({ expected, state }: JobView, now: number | undefined): string[] => {
  if (!expected || now === undefined) return [];
  const until = (at: number) => zhCards.about((at - now) / 1000);
  if (expected.endAt <= now) return ["用时比平常长。"];
  if (state === "running") return [`${until(expected.endAt)}后完成。`];
  if (state !== "queued" || expected.startAt === undefined) return [];
  return [`${until(expected.startAt)}后开始，${until(expected.endAt)}后完成。`];
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

export const zhCN: Text = {
  language: "简体中文",
  fields: zhFields,
  choices: zhChoices,
  commands: zhCommands,
  groups: zhGroups,
  buttons: {
    delete: "删除",
    show: "显示",
    again: "再来一次",
    vary: "变体",
    edit: "编辑",
    upscale: "放大",
    final: "定稿",
    paint: "涂画",
    saveStyle: "存为风格",
    saveImage: "图片存为…",
    describe: "描述",
    cancel: "取消",
    tryAgain: (total: Credits) => `再试一次（最多 ${credits(total)}）`,
  },
  cards: zhCards,
  styles: zhStyles,
  references: zhReferences,
  approvals: zhApprovals,
  alerts: zhAlerts,
  batches: zhBatches,
  admin: zhAdmin,
  discord: zhDiscord,
  slack: zhSlack,
  refusals: zhRefusals,
  failures: zhFailures,
  credits,
  change,

  service: (offer: ServiceOffer): string =>
    offer.total === undefined ? `${offer.label}：无法按要求完成` : `${offer.label}：${credits(offer.total)}`,

  server: { nothingHere: "这里什么也没有。", notUnderstood: "无法理解此请求。", failed: "出了问题。" },

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
      (q.batch ? zhBatches.quoted(q) : `${q.provider}，${q.tier ?? "尺寸由模型决定"}：每张 ${credits(q.unit)}。`) +
        (q.after < 0
          ? `您有 ${credits(q.available)}：还差 ${credits(-q.after)}。`
          : `您有 ${credits(q.available)}，之后剩 ${credits(q.after)}。`),
      ...q.changes.map(change),
    ],
  }),

  confirmation: ({ id, request, quote, words, batch }) =>
    batch
      ? zhBatches.confirmation({ id, request, quote, words, batch }, quote.changes.map(change))
      : words
        ? wordsCard({ id, request, quote }, words)
        : {
            title: `这最多需要 ${credits(quote.total)}`,
            tone: "plain",
            paragraphs: [
              clip(request.prompt, 300),
              what({ request, provider: quote.provider }),
              `您有 ${number(quote.available)} 点，之后剩 ${number(quote.after)} 点。`,
              ...quote.changes.map(change),
            ],
            buttons: [
              button(id, "accept", `好，最多 ${credits(quote.total)}`, "primary"),
              button(id, "decline", "不用了"),
            ],
          },

  job: (view, now) => {
    const price = `已预留 ${credits(view.held)}。只有得到图片才收费。`;
    const delay = view.state === "queued" && view.waiting ? [waitingLine(view)] : times(view, now);
    const lines = [what(view), price, ...delay, ...view.changes.map(change)];
    if (view.state === "awaiting") return zhApprovals.awaiting(view, lines);
    switch (view.state) {
      case "queued":
        return {
          title: waitingTitle(view),
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
        return failedCard(view);
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
    altText: (view: JobView, limit: number, image?: ShownImage) =>
      clip(image?.description ?? `生成的图片：${view.request.prompt}`, limit),
    firstFrameOnly: "动图：这里只显示第一帧。",
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

function failedCard({ id, held, failure }: JobView): Card {
  const refused = failure?.outcome === "not-approved";
  return {
    title: refused ? zhApprovals.failedTitle : "这次没有图片",
    tone: "bad",
    paragraphs: [
      failure ? zhFailures[failure.outcome](failure.refusedFor, failure.format, failure.by) : zhFailures.bug(),
      "没有收费。",
      ...(failure && !refused ? [`编号：${failure.reference}`] : []),
    ],
    buttons: refused ? [] : [button(id, "again", zhCN.buttons.tryAgain(held), "primary")],
  };
}

function waitingTitle({ waiting, position, provider }: JobView): string {
  if (waiting?.reason === "paused") return "等待中：已暂停生成图片";
  if (waiting?.reason === "worker") return "等待中：目前没有程序在绘图";
  if (waiting) return `等待中：${provider} 出现问题`;
  return position && position > 1 ? `等待中：排在第 ${position} 位` : "等待中：下一个就是您";
}

function waitingLine({ waiting, provider }: JobView): string {
  if (waiting?.reason === "worker") return "机器人负责绘图的部分没有运行。恢复后会自动开始；管理者能看到这一情况。";
  if (waiting?.until === undefined) return "管理者已暂停所有图片。暂停结束后会自动开始。";
  return `${provider} 目前无法使用，将于 ${utcTime(waiting.until)} 自动重试。`;
}

function wordsCard({ id, request, quote }: Confirmation, { taken, asWritten }: WordsTaken): Card {
  return {
    title: `从您的话里读出了${takenList(taken)}`,
    tone: "plain",
    paragraphs: [
      `剩下的提示词：${clipInside(request.prompt, 600)}`,
      offerLine("照此绘制", { request, quote }),
      asWritten ? offerLine("保留原话", asWritten) : "保留原话时，没有服务可以绘制。",
    ],
    buttons: [
      button(id, "accept", `照此绘制：最多 ${credits(quote.total)}`, "primary"),
      ...(asWritten ? [button(id, "as-written", `保留原话：最多 ${credits(asWritten.quote.total)}`)] : []),
      button(id, "decline", "取消"),
    ],
  };
}

function offerLine(label: string, { request, quote }: Offer): string {
  const rest = quote.after < 0 ? `还差 ${number(-quote.after)} 点` : `之后剩 ${number(quote.after)} 点`;
  const line = `${label}：最多 ${credits(quote.total)}；您有 ${number(quote.available)} 点，${rest}。`;
  return [`${line}${what({ request, provider: quote.provider })}。`, ...quote.changes.map(change)].join("");
}

const qualityNames: Readonly<Record<string, string>> = { low: "低质量", medium: "中等质量", high: "高质量" };

function takenList({
  size,
  quality,
  count,
  format,
  background,
  compression,
  fidelity,
  style,
}: WordsTaken["taken"]): string {
  const named = Object.entries({ size, background, compression, fidelity, style } as const);
  const names = named.map(
    ([name, value]) => value !== undefined && `${zhFields[name as keyof typeof zhFields].label} ${value}`,
  );
  const others = [quality && (qualityNames[quality] ?? quality), count && `${count} 张`, format];
  return ` ${[...names, ...others].filter(Boolean).join("、")}`;
}
