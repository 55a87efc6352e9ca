import type { types } from "@slack/bolt";
import type { JobView } from "../../../contract/usecases.ts";
import type { CardButton } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import {
  buttonRow,
  type Content,
  cardContent,
  escaped,
  headline,
  namedCardContent,
  note,
  plain,
  under,
} from "./blocks.ts";
import type { MessageButton } from "./buttons.ts";
import type { Uploaded } from "./upload.ts";

const altLimit = 2000;

/** The finished images, in order. */
export function resultContent(job: JobView, files: readonly Uploaded[], text: Text): Content {
  const { prompt, count } = job.request;
  const alone = files.length === 1;
  const facts = [text.result.facts(job)];
  if (files.length < count) facts.push(text.result.fewer(files.length, count));
  return {
    text: escaped(clip(`${job.memberName}: ${prompt}`, 1000)),
    blocks: [
      headline(job.memberName, prompt),
      ...files.flatMap((file, index) => imageBlocks(job, file, index, alone, text)),
      note(escaped(facts.join("\n"))),
      ...buttonRow(
        [
          button(job, "again", text.buttons.again),
          ...(alone ? imageButtons(job, 0, text) : []),
          removeButton(job, text),
        ],
        text,
      ),
    ],
  };
}

/** Shows how a job stands, under the name of whoever asked. With `now`, it says how long that will take. */
export function jobContent(job: JobView, text: Text, now?: number): Content {
  const card = text.job(job, now);
  const content = job.state === "awaiting" ? namedCardContent(card) : cardContent(card); // it names those who may approve
  return under(headline(job.memberName, job.request.prompt), content);
}

/** An image of a job; of an animation that Slack cannot take, its first frame, and a note that says so. */
export function imageShown(
  job: JobView,
  index: number,
  { id, firstFrame }: Uploaded,
  text: Text,
  title?: types.PlainTextElement,
): types.KnownBlock[] {
  const alt_text = text.result.altText(job, altLimit, job.images[index]);
  return [
    { type: "image", slack_file: { id }, alt_text, ...(title ? { title } : {}) },
    ...(firstFrame ? [note(escaped(text.result.firstFrameOnly))] : []),
  ];
}

function imageBlocks(job: JobView, file: Uploaded, index: number, alone: boolean, text: Text): types.KnownBlock[] {
  return [
    ...imageShown(job, index, file, text, alone ? undefined : plain(`${index + 1}`, 10)),
    ...(alone ? [] : buttonRow(imageButtons(job, index, text))),
  ];
}

function imageButtons(job: JobView, index: number, text: Text): CardButton[] {
  const final: CardButton = { ...button(job, "final", text.buttons.final, index), style: "primary" };
  const others = ["vary", "upscale", "edit"] as const;
  return [
    ...(job.offersFinal ? [final] : []),
    ...others.map((command) => button(job, command, text.buttons[command], index)),
    ...(job.offersPaint ? [button(job, "paint", text.buttons.paint, index)] : []),
    button(job, "style-save", text.buttons.saveStyle, index),
    button(job, "reference-save", text.buttons.saveImage, index),
    button(job, "describe", text.buttons.describe, index),
  ];
}

export function removeButton(job: JobView, text: Text): MessageButton {
  return { ...button(job, "remove", text.buttons.delete), style: "danger", asksFirst: true };
}

export function button(job: JobView, command: string, label: string, image?: number): CardButton {
  return { command, job: job.id, ...(image === undefined ? {} : { image }), label, style: "plain" };
}
