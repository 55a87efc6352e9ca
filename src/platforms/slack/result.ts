import type { types } from "@slack/bolt";
import type { Text } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { JobView } from "../../usecases/usecases.ts";
import { buttonRow, type Content, cardContent, escaped, headline, note, plain, under } from "./blocks.ts";

const altLimit = 2000;

/** The finished images: `files` are Slack's ids, in order. */
export function resultContent(job: JobView, files: readonly string[], text: Text): Content {
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
      ...buttonRow([button(job, "again", undefined, text), ...(alone ? imageButtons(job, 0, text) : [])]),
    ],
  };
}

/** How a job stands, under the name of whoever asked. */
export function jobContent(job: JobView, text: Text): Content {
  return under(headline(job.memberName, job.request.prompt), cardContent(text.job(job)));
}

function imageBlocks(job: JobView, file: string, index: number, alone: boolean, text: Text): types.KnownBlock[] {
  const title = alone ? {} : { title: plain(`${index + 1}`, 10) };
  return [
    { type: "image", slack_file: { id: file }, alt_text: text.result.altText(job, altLimit), ...title },
    ...(alone ? [] : buttonRow(imageButtons(job, index, text))),
  ];
}

function imageButtons(job: JobView, index: number, text: Text) {
  return (["vary", "upscale", "edit"] as const).map((command) => button(job, command, index, text));
}

function button(job: JobView, command: "again" | "vary" | "upscale" | "edit", image: number | undefined, text: Text) {
  const address = image === undefined ? {} : { image };
  return { command, job: job.id, ...address, label: text.buttons[command], style: "plain" as const };
}
