import assert from "node:assert/strict";
import { decodeImages } from "../../../src/providers/decode/decode.ts";
import { MalformedAnswer } from "../../../src/providers/decode/json-tokens.ts";

/** An answer that goes on for ever: its start, and what comes again and again. */
export interface Endless {
  readonly name: string;
  readonly start: string;
  readonly again: string;
}

export const endlessAnswers: readonly Endless[] = [
  { name: "blanks before anything", start: "", again: " \n" },
  { name: "blanks", start: '{"data":[', again: " " },
  { name: "an image", start: '{"data":[{"b64_json":"', again: "AAAA" },
  { name: "a data URI of another kind", start: '{"data":[{"url":"data:text/plain,', again: "AAAA" },
  { name: "escapes in an image", start: '{"data":[{"b64_json":"', again: "\\u0041" },
  { name: "line breaks in an image", start: '{"data":[{"b64_json":"', again: "\\n" },
  { name: "images", start: '{"data":[', again: '{"b64_json":"AAAA"},' },
  { name: "a key", start: '{"', again: "key" },
  { name: "a prompt", start: '{"revised_prompt":"', again: "prompt" },
  { name: "lists in lists", start: '{"a":', again: "[" },
  { name: "a number", start: '{"a":', again: "1" },
  { name: "small values", start: '{"a":[', again: "1," },
  { name: "comments in events", start: "event: ping\n", again: ": ping\n\n" },
  { name: "a line of events", start: "data: [DONE]\n", again: "data" },
  { name: "previews", start: "", again: 'data: {"b64_json":"AAAA","partial_image_index":0}\n\n' },
  { name: "an event", start: 'data: {"type":"image_edit.completed","b64_json":"', again: "AAAA" },
];

const chunkBytes = 64 * 1024;
const mostBytes = 1_000_000_000;
const mostMegabytes = 100;

/** Reads such an answer until it is refused; throws when it is not, or takes more than 100 MB. Resolves to the bytes read. */
export async function refusesEndless(name: string): Promise<number> {
  const endless = endlessAnswers.find((each) => each.name === name);
  if (!endless) throw new Error(`no endless answer ${name}`);
  let bytes = 0;
  let highest = 0;
  const before = process.memoryUsage.rss();
  async function* body({ start, again }: Endless): AsyncGenerator<Buffer> {
    yield Buffer.from(start);
    const chunk = Buffer.from(again.repeat(Math.ceil(chunkBytes / again.length)));
    for (; bytes < mostBytes; bytes += chunk.length) {
      if (bytes % (chunk.length * 64) === 0) highest = Math.max(highest, process.memoryUsage.rss() - before);
      yield chunk;
    }
  }
  const sink = { write: async () => {}, commit: async () => {}, discard: async () => {} };
  const reading = Array.fromAsync(decodeImages(body(endless), { count: 2, openImage: async () => sink }));
  const outcome = await reading.catch((error: unknown) => error);
  assert.ok(outcome instanceof MalformedAnswer, `${name}: ${outcome}`);
  assert.ok(highest < mostMegabytes * 1_000_000, `${name}: ${highest} bytes`);
  return bytes;
}
