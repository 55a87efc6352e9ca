import type { DecodeOptions, Found } from "./image-strings.ts";
import { JsonRest } from "./json-rest.ts";
import { JsonTokens, MalformedAnswer } from "./json-tokens.ts";
import { ImageNumbers, PlacedImages, takeToken } from "./placed-images.ts";
import { EventReader } from "./sse-images.ts";
import { untilSilent } from "./until-silent.ts";

/*
 * Answers of image services are JSON documents of up to hundreds of megabytes, nearly all of it base64. Parsing one
 * whole would hold it three times in memory and stop the event loop for half a second, so it is read as it arrives:
 *
 *   chunks of bytes -> JsonTokens (grammar) -> DocumentReader (which string is an image) -> Base64Image -> the sink
 *   chunks of bytes -> SseLines (events) -> JsonTokens -> EventReader (which event is final) -> Base64Image -> the sink
 *
 * An image is a string where relays put images, by the keys that lead to it (image-places), and in an event directly in its
 * object, nowhere else: a prompt that is echoed may contain anything. Which of the two an answer is shows its first
 * byte, as services answer with a document where events were asked, and label either as they like. Every step waits
 * for the sink, so a slow disk slows the socket down and nothing piles up. Everything is bounded: images one by one
 * (Base64Image), depth and numbers (JsonTokens), all other strings together (JsonRest), and the answer as a whole.
 */

/** An image of 64 MB has 86 MB of base64. */
const maxBytesPerImage = 90_000_000;
/** A stream of one image may bring three previews of it. */
const leastImages = 4;

interface Reader {
  /** All of the answer could be there. */
  readonly isComplete: boolean;
  read(chunk: Buffer): AsyncGenerator<Found>;
  /** Throws MalformedAnswer unless the answer is complete. */
  end(): AsyncGenerator<Found>;
  discard(): Promise<void>;
}

/**
 * Reads an answer `{ data: [{ b64_json?, url? }], ... }`, or events `{ type, b64_json?, url?, ... }`, while it arrives
 * and commits its images. One that is complete ends, even when its connection stays open. Throws MalformedAnswer, and
 * whatever `body` and the sinks throw; an open sink is discarded then.
 */
export async function* decodeImages(body: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Found> {
  const most = Math.max(options.count, leastImages) * maxBytesPerImage;
  let length = 0;
  let reader: Reader | undefined;
  try {
    const { drop, lingerMs } = options;
    const mayBeAll = () => reader?.isComplete === true;
    for await (const chunk of untilSilent(body, { mayBeAll, drop, lingerMs })) {
      length += chunk.length;
      if (length > most) throw new MalformedAnswer(`the answer is longer than ${most / 1_000_000} MB`);
      const bytes = reader ? asBuffer(chunk) : withoutStart(asBuffer(chunk));
      if (bytes.length === 0) continue;
      reader ??= readerFor(bytes, options);
      yield* reader.read(bytes);
    }
    if (!reader) throw new MalformedAnswer("the answer is empty", true);
    yield* reader.end();
  } finally {
    await reader?.discard();
  }
}

/** Blanks and a byte order mark at the start of an answer mean nothing in either form. */
const meaningless = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];

function withoutStart(bytes: Buffer): Buffer {
  let at = 0;
  while (at < bytes.length && meaningless.includes(bytes[at] as number)) at += 1;
  return bytes.subarray(at);
}

function readerFor(bytes: Buffer, options: DecodeOptions): Reader {
  const startsEvents = /[a-z:]/.test(bytes.toString("latin1", 0, 1)); // a field, or a comment
  return startsEvents ? new EventReader(options) : new DocumentReader(options);
}

class DocumentReader implements Reader {
  private readonly tokens = new JsonTokens();
  private readonly document = new JsonRest();
  private readonly images: PlacedImages;

  constructor(options: DecodeOptions) {
    this.images = new PlacedImages(new ImageNumbers(options), this.document);
  }

  get isComplete(): boolean {
    return this.tokens.isComplete;
  }

  async *read(chunk: Buffer): AsyncGenerator<Found> {
    for (const token of this.tokens.read(chunk)) {
      const found = await takeToken(token, this.document, this.images);
      if (found) yield found;
    }
  }

  async *end(): AsyncGenerator<Found> {
    this.tokens.end();
    yield { type: "rest", value: this.document.value };
  }

  async discard(): Promise<void> {
    await this.images.discard();
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
