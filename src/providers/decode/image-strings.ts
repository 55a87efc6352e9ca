import type { ImageSink, PreviewSink } from "../../image.ts";
import { Base64Image, UnusableImage } from "./base64-image.ts";
import type { Json } from "./json.ts";
import { textOf } from "./json-rest.ts";
import { MalformedAnswer } from "./json-tokens.ts";

export type Found =
  /** The image at `index` is committed. */
  | { readonly type: "image"; readonly index: number }
  /** The image at `index` brought no usable bytes but an http(s) URL. */
  | { readonly type: "url"; readonly index: number; readonly url: string }
  /** A preview of the image at `index` is at `path`. */
  | { readonly type: "partial"; readonly index: number; readonly path: string }
  /** A document without its images: the last to come, or in a stream of events one for each that is no preview. */
  | { readonly type: "rest"; readonly value: Json };

export interface DecodeOptions {
  /** Images from here on are skipped. */
  readonly count: number;
  openImage(index: number): Promise<ImageSink>;
  /** Without it, previews are passed over. */
  openPreview?: ((index: number) => Promise<PreviewSink>) | undefined;
}

const maxUrlLength = 8192;

/** Is this the name of a string that may hold an image? */
export function isImageKey(key: string | undefined): key is "b64_json" | "url" {
  return key === "b64_json" || key === "url";
}

/** Takes the strings of one image as they arrive: its bytes in `b64_json`, or in `url` as a data URI, or an address there. */
export class ImageStrings {
  private readonly open: () => Promise<ImageSink>;
  /** What the string being read is for; chosen at its first piece. */
  private string: "image" | "url" | "skipped" | undefined;
  private image: Base64Image | undefined;
  /** The start of a `url`, until it is known whether it is a data URI. */
  private start = "";
  private address: string | undefined;
  private state: "wanted" | "whole" | "committed" = "wanted";

  constructor(open: () => Promise<ImageSink>) {
    this.open = open;
  }

  /** The http(s) address in `url`, while no bytes have come. */
  get url(): string | undefined {
    return this.state === "wanted" ? this.address : undefined;
  }

  /** A piece of a JSON string, still escaped; throws MalformedAnswer, and whatever the sink throws. */
  async take(key: "b64_json" | "url", piece: string, last: boolean): Promise<void> {
    if (this.state !== "wanted") return;
    this.string ??= key === "url" ? "url" : "image";
    if (this.string === "url") await this.urlPiece(piece, last);
    else if (this.string === "image") await this.imagePiece(piece);
    if (!last) return;
    if (this.string === "image") await this.end();
    this.string = undefined;
  }

  /** True when the image is whole, and is committed by this. */
  async commit(): Promise<boolean> {
    if (this.state !== "whole") return false;
    await this.image?.commit();
    this.image = undefined;
    this.state = "committed";
    return true;
  }

  async discard(): Promise<void> {
    await this.image?.discard();
    this.image = undefined;
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
      const text = textOf(this.start);
      if (/^https?:\/\//i.test(text)) this.address = text;
      this.start = "";
    }
  }

  private async imagePiece(piece: string): Promise<void> {
    const text = piece.includes("\\") ? unescapeBase64(piece) : piece;
    if (text === "") return;
    try {
      this.image ??= new Base64Image(await this.open());
      await this.image.write(text);
    } catch (error) {
      await this.giveUp(error);
      this.string = "skipped";
    }
  }

  private async end(): Promise<void> {
    if (!this.image) return;
    try {
      await this.image.end();
      this.state = "whole";
    } catch (error) {
      await this.giveUp(error);
    }
  }

  /** A bad image costs only itself: its rest is skipped, and a URL beside it is used. */
  private async giveUp(error: unknown): Promise<void> {
    await this.discard();
    if (!(error instanceof UnusableImage)) throw error;
  }
}

/** Serialisers may write `/`, `+` and `=` as escapes, and break lines. Whatever else there is, the decoder refuses. */
function unescapeBase64(piece: string): string {
  // Nearly always it is the slash alone, and this way is faster.
  const slashed = piece.includes("\\\\") ? piece : piece.replaceAll("\\/", "/");
  if (!slashed.includes("\\")) return slashed;
  try {
    return (JSON.parse(`"${slashed}"`) as string).replaceAll(/[\n\r\t]+/g, "");
  } catch {
    return slashed; // with its wrong escape
  }
}
