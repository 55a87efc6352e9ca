import type { ImageSink } from "../src/image.ts";
import { decodeImages } from "../src/providers/decode/decode.ts";
import { measured } from "./measure.ts";
import { noisePng } from "./noise.ts";
import { median, print } from "./report.ts";

const rounds = 9;
const chunkBytes = 64 * 1024;

const nowhere: ImageSink = { write: async () => {}, commit: async () => {}, discard: async () => {} };
const escapes: Readonly<Record<string, (base64: string) => string>> = {
  plain: (text) => text,
  "with \\/": (text) => text.replaceAll("/", "\\/"),
  "with \\u002B": (text) => text.replaceAll("+", "\\u002B").replaceAll("=", "\\u003D"),
};

/**
 * From chunks of an answer to the bytes of its image, in megabytes of JSON a second of CPU: our decoder, as a document
 * and as an event; JSON.parse with Buffer.from; and the limit, base64 alone in such chunks into memory that is warm.
 */
export async function run(): Promise<void> {
  const image = (await noisePng(3840, 2160, 1)).toString("base64");
  const rows = [];
  for (const [name, write] of Object.entries(escapes)) rows.push(await compare(name, write(image)));
  print(rows);
}

async function compare(name: string, text: string) {
  const document = chunksOf(`{"created":1,"data":[{"b64_json":"${text}"}]}`);
  const event = chunksOf(`data: {"type":"image_generation.completed","b64_json":"${text}"}\n\n`);
  const warm = Buffer.alloc(chunkBytes);
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    "our decoder": () => decode(document),
    "our decoder, as an event": () => decode(event),
    "JSON.parse": async () => {
      const parsed = JSON.parse(Buffer.concat(document).toString("utf8"));
      return Buffer.from(parsed.data[0].b64_json, "base64");
    },
    "base64 alone": async () => {
      for (const chunk of document) warm.write(chunk.toString("latin1"), "base64");
    },
  };
  const taken: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [way, work] of Object.entries(ways)) {
      const { cpuMs } = await measured(work);
      taken[way] = [...(taken[way] ?? []), (document.length * chunkBytes) / 1e6 / (cpuMs / 1000)];
    }
  }
  const speed = (way: string) => median(taken[way] ?? []);
  return {
    base64: name,
    ...Object.fromEntries(Object.keys(ways).map((way) => [`${way}, MB/s`, speed(way).toFixed(0)])),
    "decoder / JSON.parse": (speed("our decoder") / speed("JSON.parse")).toFixed(1),
    "decoder / base64 alone": (speed("our decoder") / speed("base64 alone")).toFixed(2),
  };
}

function chunksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
    Buffer.from(bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
  );
}

async function decode(chunks: readonly Buffer[]): Promise<void> {
  for await (const _ of decodeImages(stream(chunks), { count: 1, openImage: async () => nowhere }));
}

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
