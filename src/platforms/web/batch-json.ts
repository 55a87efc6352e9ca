import { type BatchView, imagesOfBatch, isFinal, type JobView } from "../../contract/usecases.ts";
import type { CardButton } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";
import { aspectOf, imageJson, type JobJson } from "./job-json.ts";

/** A batch as the page shows it: as one job, with the images of all of its parts as far as they are there. */
export function batchJson(view: BatchView, text: Text): JobJson {
  const { id, parts, written, by } = view;
  const [first] = parts;
  const final = parts.every(({ state }) => isFinal(state));
  const card = text.batches.card(view);
  const images = imagesOfBatch(view).map(({ number, job, index }) => ({
    ...imageJson(job, index, text),
    job: job.id,
    number,
    caption:
      by === "prompts" ? job.request.prompt : text.batches.line(job, job.batch ?? { ...view, index: 0 }, 200).label,
  }));
  return {
    id,
    state: final ? endOf(parts) : "running",
    final,
    prompt: written,
    references: first.request.references.length,
    masked: first.request.mask !== undefined,
    card,
    createdAt: first.createdAt,
    count: parts.reduce((sum, { request }) => sum + request.count, 0),
    aspect: aspectOf(first.request),
    images,
    facts: text.batches.facts(view),
    notes: parts.map((job) => lineOf(job, view, text)),
    buttons: buttonsOf(view, final, text),
  };
}

function endOf(parts: readonly JobView[]): JobView["state"] {
  if (parts.some(({ images }) => images.length > 0)) return "delivered";
  return parts.every(({ state }) => state === "cancelled") ? "cancelled" : "failed";
}

function lineOf(job: JobView, view: BatchView, text: Text): string {
  const { label, value } = text.batches.line(job, job.batch ?? { ...view, index: 0 }, 200);
  return `${label} · ${value}`;
}

function buttonsOf({ id, parts }: BatchView, final: boolean, { batches, buttons }: Text): CardButton[] {
  const waiting = parts.some(({ state }) => state === "awaiting" || state === "queued");
  if (!final) {
    return waiting ? [{ command: "batch-cancel", job: id, label: batches.cancelRest, style: "danger" }] : [];
  }
  return [
    { command: "batch-again", job: id, label: batches.againAll, style: "plain" },
    { command: "batch-remove", job: id, label: buttons.delete, style: "danger" },
  ];
}
