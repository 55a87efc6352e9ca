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
import type { Card, CardButton } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";
import { enFailures, enRefusals } from "./errors.ts";

const credits = (amount: Credits) => (amount === 1 ? "1 credit" : `${number(amount)} credits`);
const images = (count: number) => (count === 1 ? "1 image" : `${count} images`);
const sum = (amounts: readonly Credits[]) => amounts.reduce((total, amount) => total + amount, 0);

const isOpen = ({ state }: JobView) => !isFinal(state);
const isUnsent = ({ state }: JobView) => state === "awaiting" || state === "queued";

/** A part in few words: its prompt, its service, or both, by what differs. */
const nameOf = (by: BatchNote["by"], { prompt, service }: { readonly prompt: string; readonly service: string }) =>
  by === "services" ? service : by === "both" ? `${service}: ${prompt}` : prompt;

const secondsOf = ({ finishedAt, startedAt }: JobView) =>
  finishedAt && startedAt ? [`${Math.max(1, Math.round((finishedAt - startedAt) / 1000))} s`] : [];

const stateOf = (job: JobView): string => {
  const { state, charged, held, failure, images: made, request } = job;
  switch (state) {
    case "awaiting":
      return "waits for approval";
    case "queued":
      return "waiting";
    case "running":
      return "drawing…";
    case "delivering":
    case "delivered": {
      const fewer = made.length < request.count ? [`${made.length} of ${request.count}`] : [];
      return [credits(charged ?? held), ...secondsOf(job), ...fewer].join(" · ");
    }
    case "undeliverable":
      return "drawn, but not posted";
    case "cancelled":
      return "taken back, not charged";
    case "failed":
      return `${failure ? enFailures[failure.outcome](failure.refusedFor, failure.format) : "No image."} Not charged.`;
  }
};

const button = (job: string, command: string, label: string, style: CardButton["style"] = "plain"): CardButton => ({
  command,
  job,
  label,
  style,
});

const leftOutLine = ({ service, refusal: { code, facts } }: LeftOut): string =>
  `Without ${service}: ${(enRefusals[code] as (facts: object) => string)(facts)}`;

const what = ({ request, quote }: Offer, count: number): string =>
  `${images(count)} · ${sizeText(request.size)} · ${request.quality} · ${request.format} · ${quote.provider}`;

/** The sentences about what is asked for together. */
export const enBatches = {
  /** Under a list of prompts: how many, and how many images. */
  size: ({ size, by }: BatchNote): string =>
    by === "services" ? `${size} services side by side` : `${size} prompts${by === "both" ? " and services" : ""}`,

  /** The price in the quote of a batch. */
  quoted: ({ batch, provider, unit }: QuoteView): string =>
    batch && batch.services > 1
      ? `${images(batch.images)} by ${batch.services} services, side by side: ${provider}.`
      : `${batch?.prompts} prompts, ${images(batch?.images ?? 0)}: ${credits(unit)} an image at ${provider}.`,

  /** `notes` are good to know before the answer. */
  confirmation: ({ id, request, quote, words, batch }: Confirmation, notes: readonly string[]): Card => {
    const { parts = [], by = "prompts", leftOut = [] } = batch ?? {};
    const { asWritten } = words ?? {};
    const count = sum(parts.map((part) => part.request.count));
    return {
      title: `${by === "services" ? "Side by side" : `${parts.length} prompts`}: at most ${credits(quote.total)} in all`,
      tone: quote.after < 0 ? "bad" : "plain",
      paragraphs: [
        ...(by === "services" ? [clip(request.prompt, 300)] : []),
        what({ request, quote }, count),
        `You have ${number(quote.available)}; ${number(quote.after)} would be left. You pay only for images that you get.`,
        ...leftOut.map(leftOutLine),
        ...notes,
      ],
      rows: parts.map((part, at) => ({
        label: `${at + 1}. ${nameOf(by, { prompt: clip(part.request.prompt, 100), service: part.quote.provider })}`,
        value: credits(part.quote.total),
      })),
      buttons: [
        button(id, "accept", `Yes, for at most ${credits(quote.total)}`, "primary"),
        ...(asWritten
          ? [button(id, "as-written", `One prompt, as I wrote it: at most ${credits(asWritten.quote.total)}`)]
          : []),
        button(id, "decline", "No"),
      ],
    };
  },

  /** One line for a part: its number, what it is, and how it stands. */
  line: (job: JobView, place: BatchPlace, limit: number): { readonly label: string; readonly value: string } => {
    const { count, prompt } = job.request;
    const first = place.index * count + 1;
    const numbers = count === 1 ? `${first}` : `${first}–${first + count - 1}`;
    return {
      label: `${numbers}. ${nameOf(place.by, { prompt: clip(prompt, limit), service: job.provider })}`,
      value: stateOf(job),
    };
  },

  /** How a batch stands, until all of its parts have ended. */
  card: (view: BatchView): Card => {
    const { id, parts } = view;
    const open = parts.filter(isOpen);
    const done = parts.filter(({ images: made }) => made.length > 0).length;
    const paid = sum(parts.map(({ charged, state }) => (state === "delivered" ? (charged ?? 0) : 0)));
    const isOver = open.length === 0;
    return {
      title: isOver ? `${done} of ${parts.length} drawn` : `Drawing: ${done} of ${parts.length} are done`,
      tone: !isOver ? "waiting" : done > 0 ? "good" : "plain",
      paragraphs: [
        isOver
          ? `Charged: ${credits(paid)}.`
          : `Reserved: ${credits(sum(open.map(({ held }) => held)))}. You pay only for images that you get.`,
      ],
      rows: parts.map((job) => enBatches.line(job, job.batch ?? { ...view, index: 0 }, 80)),
      ...(open.some(isUnsent) ? { buttons: [button(id, "batch-cancel", "Cancel the rest", "danger")] } : {}),
    };
  },

  /** Under the images of a batch. */
  facts: (view: BatchView): string => {
    const open = view.parts.filter(isOpen).length;
    const paid = sum(view.parts.map(({ state, charged }) => (state === "delivered" ? (charged ?? 0) : 0)));
    const more = open > 0 ? [`${open} to come`] : [];
    return [enBatches.size(view), credits(paid), ...more].join(" · ");
  },

  /** In the history. */
  past: (job: JobView, batch: BatchPlace): string =>
    [enBatches.size(batch), job.provider, utcTime(job.createdAt)].join(" · "),

  /** The choice of all services. */
  compare: "Side by side: every service that can",
  cancelRest: "Cancel the rest",
  againAll: "All again",
  /** A row of buttons says which image each is for. */
  numbered: (name: string, number: number): string => `${name} ${number}`,
};
