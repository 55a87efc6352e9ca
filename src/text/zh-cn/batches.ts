import {
  type BatchPlace,
  type BatchView,
  type Confirmation,
  isFinal,
  type JobView,
  type LeftOut,
  type Offer,
  type QuoteView,
} from "../../contract/usecases.ts";
import { type BatchNote, type Credits, sizeText } from "../../request.ts";
import type { CardButton } from "../card.ts";
import type { enBatches } from "../en/batches.ts";
import { clip, number, utcTime } from "../words.ts";
import { zhFailures, zhRefusals } from "./errors.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;
const sum = (amounts: readonly Credits[]) => amounts.reduce((total, amount) => total + amount, 0);

const isOpen = ({ state }: JobView) => !isFinal(state);
const isUnsent = ({ state }: JobView) => state === "awaiting" || state === "queued";

const nameOf = (by: BatchNote["by"], { prompt, service }: { readonly prompt: string; readonly service: string }) =>
  by === "services" ? service : by === "both" ? `${service}：${prompt}` : prompt;

const secondsOf = ({ finishedAt, startedAt }: JobView) =>
  finishedAt && startedAt ? [`${Math.max(1, Math.round((finishedAt - startedAt) / 1000))} 秒`] : [];

const stateOf = (job: JobView): string => {
  const { state, charged, held, failure, images: made, request } = job;
  switch (state) {
    case "awaiting":
      return "等待批准";
    case "queued":
      return "等待中";
    case "running":
      return "绘制中……";
    case "delivering":
    case "delivered": {
      const fewer = made.length < request.count ? [`${request.count} 张中的 ${made.length} 张`] : [];
      return [credits(charged ?? held), ...secondsOf(job), ...fewer].join(" · ");
    }
    case "undeliverable":
      return "已绘制，但未能发布";
    case "cancelled":
      return "已撤回，未收费";
    case "failed":
      return `${failure ? zhFailures[failure.outcome](failure.refusedFor, failure.format) : "没有图片。"}未收费。`;
  }
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

const leftOutLine = ({ service, refusal: { code, facts } }: LeftOut): string =>
  `不含 ${service}：${(zhRefusals[code] as (facts: object) => string)(facts)}`;

const what = ({ request, quote }: Offer, count: number): string =>
  `${count} 张 · ${sizeText(request.size)} · ${request.quality} · ${request.format} · ${quote.provider}`;

export const zhBatches: typeof enBatches = {
  size: ({ size, by }) =>
    by === "services" ? `${size} 个服务并排` : `${size} 个提示词${by === "both" ? "与服务" : ""}`,

  quoted: ({ batch, provider, unit }: QuoteView) =>
    batch && batch.services > 1
      ? `${batch.images} 张，由 ${batch.services} 个服务并排绘制：${provider}。`
      : `${batch?.prompts} 个提示词，${batch?.images} 张：${provider} 每张 ${credits(unit)}。`,

  confirmation: ({ id, request, quote, words, batch }: Confirmation, notes: readonly string[]) => {
    const { parts = [], by = "prompts", leftOut = [] } = batch ?? {};
    const { asWritten } = words ?? {};
    const count = sum(parts.map((part) => part.request.count));
    return {
      title: `${by === "services" ? "并排比较" : `${parts.length} 个提示词`}：总共最多 ${credits(quote.total)}`,
      tone: quote.after < 0 ? "bad" : "plain",
      paragraphs: [
        ...(by === "services" ? [clip(request.prompt, 300)] : []),
        what({ request, quote }, count),
        `您有 ${number(quote.available)} 点，之后剩 ${number(quote.after)} 点。只有得到图片才收费。`,
        ...leftOut.map(leftOutLine),
        ...notes,
      ],
      rows: parts.map((part, at) => ({
        label: `${at + 1}. ${nameOf(by, { prompt: clip(part.request.prompt, 100), service: part.quote.provider })}`,
        value: credits(part.quote.total),
      })),
      buttons: [
        button(id, "accept", `好，最多 ${credits(quote.total)}`, "primary"),
        ...(asWritten ? [button(id, "as-written", `按原话只画一个：最多 ${credits(asWritten.quote.total)}`)] : []),
        button(id, "decline", "不用了"),
      ],
    };
  },

  line: (job: JobView, place: BatchPlace, limit: number) => {
    const { count, prompt } = job.request;
    const first = place.index * count + 1;
    const numbers = count === 1 ? `${first}` : `${first}–${first + count - 1}`;
    return {
      label: `${numbers}. ${nameOf(place.by, { prompt: clip(prompt, limit), service: job.provider })}`,
      value: stateOf(job),
    };
  },

  card: (view: BatchView) => {
    const { id, parts } = view;
    const open = parts.filter(isOpen);
    const done = parts.filter(({ images: made }) => made.length > 0).length;
    const paid = sum(parts.map(({ charged, state }) => (state === "delivered" ? (charged ?? 0) : 0)));
    const isOver = open.length === 0;
    return {
      title: isOver ? `${parts.length} 个中已完成 ${done} 个` : `绘制中：${parts.length} 个中已完成 ${done} 个`,
      tone: !isOver ? "waiting" : done > 0 ? "good" : "plain",
      paragraphs: [
        isOver
          ? `收费 ${credits(paid)}。`
          : `已预留 ${credits(sum(open.map(({ held }) => held)))}。只有得到图片才收费。`,
      ],
      rows: parts.map((job) => zhBatches.line(job, job.batch ?? { ...view, index: 0 }, 80)),
      ...(open.some(isUnsent) ? { buttons: [button(id, "batch-cancel", "取消其余", "danger")] } : {}),
    };
  },

  facts: (view: BatchView) => {
    const open = view.parts.filter(isOpen).length;
    const paid = sum(view.parts.map(({ state, charged }) => (state === "delivered" ? (charged ?? 0) : 0)));
    return [zhBatches.size(view), credits(paid), ...(open > 0 ? [`还有 ${open} 个`] : [])].join(" · ");
  },

  past: (job: JobView, batch: BatchPlace) => [zhBatches.size(batch), job.provider, utcTime(job.createdAt)].join(" · "),

  compare: "并排比较：每个能完成的服务",
  cancelRest: "取消其余",
  againAll: "全部再来",
  numbered: (name: string, number: number) => `${name} ${number}`,
};
