import type { Reply } from "../../command/reply.ts";
import type { MemberData } from "../../contract/usecases.ts";
import type { StoredImage } from "../../image.ts";
import type { Card } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";
import { batchJson } from "./batch-json.ts";
import { type JobJson, jobJson } from "./job-json.ts";

/** A command's answer as the page shows it. */
export type ReplyJson =
  | { kind: "job"; job: JobJson }
  | { kind: "card"; card: Card }
  | { kind: "history"; card: Card; jobs: readonly JobJson[] }
  | { kind: "images"; job: JobJson }
  /** Its image has this address; `alt` is for who cannot see it. */
  | { kind: "picture"; card: Card; url: string; alt: string }
  /** To be saved as files: a document in pieces, and the results that it names. */
  | {
      kind: "data";
      card: Card;
      filename: string;
      document: readonly string[];
      images: readonly { name: string; url: string }[];
    }
  | { kind: "removed"; card: Card };

export function replyJson(reply: Reply, text: Text, now: number): ReplyJson {
  switch (reply.kind) {
    case "job":
    case "images":
      return { kind: reply.kind, job: jobJson(reply.job, text, now) };
    case "batch":
      return { kind: "job", job: batchJson(reply.batch, text) };
    case "history":
      return { ...reply, jobs: reply.jobs.map((job) => jobJson(job, text, now)) };
    case "picture":
      return { kind: "picture", card: reply.card, url: savedUrl(reply.image), alt: reply.alt };
    case "data":
      return dataJson(reply.card, reply.data);
    case "removed":
      return { kind: "removed", card: reply.card };
    case "described":
      return { kind: "card", card: reply.card };
    case "card":
      return reply;
  }
}

/** By what is in it: the same name may mean another image later. */
function savedUrl({ sha256 }: StoredImage): string {
  return `/saved/${sha256}`;
}

function dataJson(card: Card, { document, images }: MemberData): ReplyJson {
  const results = images.flatMap(({ name }) => {
    const [, job, number] = /^([0-9a-v]+)-image-(\d+)\.\w+$/.exec(name) ?? [];
    return job === undefined ? [] : [{ name, url: `/images/${job}/${Number(number) - 1}` }];
  });
  return { kind: "data", card, filename: "atelier-data.json", document, images: results };
}
