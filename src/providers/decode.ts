import type { ImageSink } from "../image.ts";
import { Base64Image, UnusableImage } from "./base64-image.ts";
import { type Json, JsonRest } from "./json-rest.ts";
import { type JsonToken, JsonTokens, MalformedAnswer } from "./json-tokens.ts";

/*
 * Answers of image services are JSON documents of up to hundreds of megabytes, nearly all of it base64. Parsing one
 * whole would hold it three times in memory and stop the event loop for half a second, so it is read as it arrives:
 *
 *   chunks of bytes -> JsonTokens (grammar) -> Decoder (which string is an image) -> Base64Image -> the sink
 *
 * An image is a string at `data[i].b64_json`, or a data URI at `data[i].url`, nowhere else: a prompt that is echoed
 * may contain anything. Every step waits for the sink, so a slow disk slows the socket down and nothing piles up.
 */

export type Found =
  /** The image at `index` is committed. */
  | { readonly type: "image"; readonly index: number }
  /** `data[index]` brought no usable bytes but an http(s) URL. */
  | { readonly type: "url"; readonly index: number; readonly url: string }
  /** Last: the document without its images. */
  | { readonly type: "rest"; readonly value: Json };

export interface DecodeOptions {
  /** `data[i]` from here on is skipped. */
  readonly count: number;
  openImage(index: number): Promise<ImageSink>;
}

const maxUrlLength = 8192;

/**
 * Reads an answer `{ data: [{ b64_json?, url? }], ... }` while it arrives and commits its images.
 * Throws MalformedAnswer, and whatever `body` and the sinks throw; an open sink is discarded then.
 */
export async function* decodeImages(body: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Found> {
  const tokens = new JsonTokens();
  const decoder = new Decoder(options);
  try {
    for await (const chunk of body) {
      for (const token of tokens.read(asBuffer(chunk))) {
        const found = await decoder.take(token);
        if (found) yield found;
      }
    }
    tokens.end();
  } finally {
    await decoder.discard();
  }
  yield { type: "rest", value: decoder.rest };
}

class Decoder {
  private readonly options: DecodeOptions;
  private readonly document = new JsonRest();
  /** What the string being read is for; chosen at its first piece. */
  private string: "image" | "url" | "skipped" | "rest" | undefined;
  private image: Base64Image | undefined;
  /** The start of a `url`, until it is known whether it is a data URI. */
  private start = "";
  private index = -1;
  private committed = false;
  private url: string | undefined;

  constructor(options: DecodeOptions) {
    this.options = options;
  }

  get rest(): Json {
    return this.document.value;
  }

  async discard(): Promise<void> {
    await this.image?.discard();
    this.image = undefined;
  }

  async take(token: JsonToken): Promise<Found | undefined> {
    switch (token.kind) {
      case "open":
        this.document.open(token.bracket);
        if (token.bracket === "{" && this.document.isInDataItem()) this.startItem();
        return undefined;
      case "close":
        return this.close();
      case "key":
        this.document.key(token.piece, token.last);
        return undefined;
      case "plain":
        this.document.put(token.value);
        return undefined;
      case "text":
        return this.text(token.piece, token.last);
    }
  }

  private startItem(): void {
    this.index += 1;
    this.committed = false;
    this.url = undefined;
  }

  private close(): Found | undefined {
    const ends = this.document.isInDataItem();
    this.document.close();
    if (!ends || this.committed || this.url === undefined) return undefined;
    return { type: "url", index: this.index, url: this.url };
  }

  private async text(piece: string, last: boolean): Promise<Found | undefined> {
    this.string ??= this.purpose();
    if (this.string === "rest") this.document.text(piece, last);
    else if (this.string === "url") await this.urlPiece(piece, last);
    else if (this.string === "image") await this.imagePiece(piece);
    if (!last) return undefined;
    const ended = this.string;
    this.string = undefined;
    return ended === "image" ? this.endImage() : undefined;
  }

  private purpose(): "image" | "url" | "skipped" | "rest" {
    const key = this.document.keyInDataItem;
    if (key !== "b64_json" && key !== "url") return "rest";
    if (this.committed || this.index >= this.options.count) return "skipped";
    return key === "url" ? "url" : "image";
  }

  private async urlPiece(piece: string, last: boolean): Promise<void> {
    this.start += piece;
    const comma = /^data:/i.test(this.start) ? this.start.indexOf(",") : -1;
    if (comma >= 0) {
      const [head, data] = [this.start.slice(0, comma), this.start.slice(comma + 1)];
      this.start = "";
      this.string = /;base64$/i.test(head) ? "image" : "skipped";
      if (this.string === "image") await this.imagePiece(data);
    } else if (this.start.length > maxUrlLength) {
      throw new MalformedAnswer("the URL of an image is too long");
    } else if (last) {
      this.url = webAddress(this.document.text(this.start, true));
      this.start = "";
    }
  }

  private async imagePiece(piece: string): Promise<void> {
    const text = piece.includes("\\") ? unescapeBase64(piece) : piece;
    if (text === "") return;
    try {
      this.image ??= new Base64Image(await this.options.openImage(this.index));
      await this.image.write(text);
    } catch (error) {
      await this.giveUp(error);
      this.string = "skipped";
    }
  }

  private async endImage(): Promise<Found | undefined> {
    const image = this.image;
    if (!image) return undefined;
    try {
      await image.commit();
    } catch (error) {
      await this.giveUp(error);
      return undefined;
    }
    this.image = undefined;
    this.committed = true;
    return { type: "image", index: this.index };
  }

  /** A bad image costs only itself: its rest is skipped, and a URL beside it is used. */
  private async giveUp(error: unknown): Promise<void> {
    await this.discard();
    if (!(error instanceof UnusableImage)) throw error;
  }
}

/** Serialisers may write `/`, `+` and `=` as escapes, and break lines. Any other escape is left for the decoder to refuse. */
function unescapeBase64(piece: string): string {
  // Nearly always it is the slash alone, and this way is twice as fast.
  const slashed = piece.includes("\\\\") ? piece : piece.replaceAll("\\/", "/");
  if (!slashed.includes("\\")) return slashed;
  return slashed.replace(/\\(?:u([0-9a-fA-F]{4})|([/nrt]))/g, (_, code?: string, sign?: string) => {
    if (code) return String.fromCharCode(Number.parseInt(code, 16));
    return sign === "/" ? "/" : "";
  });
}

function webAddress(text: string | undefined): string | undefined {
  return text && /^https?:\/\//i.test(text) ? text : undefined;
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
