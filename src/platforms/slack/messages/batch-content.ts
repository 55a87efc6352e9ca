import type { types } from "@slack/bolt";
import { type BatchView, imagesOfBatch, type NumberedPart } from "../../../contract/usecases.ts";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { buttonRow, type Content, cardContent, escaped, headline, note, plain, under } from "./blocks.ts";
import type { MessageButton } from "./buttons.ts";
import { button, imageShown } from "./result.ts";
import type { Uploaded } from "./upload.ts";

/** Slack takes 50 blocks: as many images as this have a row of buttons each. */
const mostWithRows = 18;
const buttonsInRow = 25;

/** An image of a batch that is in Slack. */
export interface UploadedPart extends NumberedPart {
  readonly file: Uploaded;
}

/** Shows a batch: its images as far as they are there, and how each part stands. */
export function batchContent(view: BatchView, images: readonly UploadedPart[], text: Text): Content {
  const [{ memberName }] = view.parts;
  const lines = view.parts.map((job) => text.batches.line(job, job.batch ?? { ...view, index: 0 }, 60));
  const list = lines.map(({ label, value }) => `${label} · ${value}`).join("\n");
  const withRows = images.length <= mostWithRows;
  return {
    text: escaped(clip(`${memberName}: ${view.written}`, 1000)),
    blocks: [
      headline(memberName, view.written),
      ...images.flatMap((image) => imageBlocks(image, withRows, text)),
      ...(withRows ? [] : editRows(images, text)),
      { type: "section", text: plain(list, 3000) },
      note(escaped(text.batches.facts(view))),
      ...buttonRow(wholeButtons(view, text), text),
    ],
  };
}

/** Shows a batch of which nothing is posted yet. */
export function batchCard(view: BatchView, text: Text): Content {
  return under(headline(view.parts[0].memberName, view.written), cardContent(text.batches.card(view)));
}

function imageBlocks({ number, job, index, file }: UploadedPart, withRow: boolean, text: Text): types.KnownBlock[] {
  const actions = ["edit", "vary", job.offersFinal ? "final" : "upscale", "describe"] as const;
  const row = actions.map((command) => button(job, command, text.buttons[command], index));
  const [image] = imageShown(job, index, file, text, plain(`${number}`, 10));
  return [...(image ? [image] : []), ...(withRow ? buttonRow(row) : [])];
}

function editRows(images: readonly UploadedPart[], text: Text): types.KnownBlock[] {
  const edits = images.map(({ number, job, index }) =>
    button(job, "edit", text.batches.numbered(text.buttons.edit, number), index),
  );
  return [edits.slice(0, buttonsInRow), edits.slice(buttonsInRow)].flatMap((row: CardButton[]) => buttonRow(row));
}

function wholeButtons({ id, parts }: BatchView, { batches, buttons }: Text): MessageButton[] {
  const waiting = parts.some(({ state }) => state === "awaiting" || state === "queued");
  const made = { command: "batch-again", job: id, label: batches.againAll, style: "plain" } as const;
  if (waiting) return [{ command: "batch-cancel", job: id, label: batches.cancelRest, style: "danger" }, made];
  return [made, { command: "batch-remove", job: id, label: buttons.delete, style: "danger", asksFirst: true }];
}

/** The images of those parts that are posted, or about to be. */
export function shownImages(view: BatchView): readonly NumberedPart[] {
  return imagesOfBatch(view).filter(({ job }) => job.state === "delivered");
}
