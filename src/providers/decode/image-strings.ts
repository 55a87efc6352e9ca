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
  /** Ends the connection of an answer that is complete. */
  readonly drop?: (() => void) | undefined;
  /** How long more may come behind an answer that could be all. */
  readonly lingerMs?: number | undefined;
}

const maxUrlLength = 8192;
/** A drawing in words is kept for the operator to see, and shown to nobody. */
const maxSvgLength = 1_000_000;

/** Enough of a string to see its image's first bytes, or that it is a data URI. */
const leastToTell = 64;
/** Enough to see `https://`, with its slashes escaped. */
const leastScheme = 10;

/** A PNG, JPEG, WebP, GIF or SVG, of which at least the first bytes are there. */
function isImageInBase64(raw: string): boolean {
  const text = unescapeBase64(raw).trimEnd();
  if (text.length < leastToTell || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text.slice(0, 24), "base64").toString("latin1");
  return /^(\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF[\s\S]{4}WEBP|<svg[\s>]|<\?xml\s)/.test(bytes);
}

/** An SVG as it is written, not in base64; Go escapes its first character. */
function isWrittenSvg(raw: string): boolean {
  return /^(?:data:image\\?\/svg\+xml(?![^,]*;\s*base64)[^,]*,|(?:<|\\u003c)(?:svg|\?xml)\b)/i.test(raw);
}

/** The SVG that a string holds: in a data URI its characters are escaped once more. */
function svgIn(raw: string): string {
  const text = textOf(raw).trimStart();
  if (!/^data:/i.test(text)) return text;
  const data = text.slice(text.indexOf(",") + 1);
  try {
    return decodeURIComponent(data);
  } catch {
    return data;
  }
}

/** An http(s) address, or one without its scheme or its host; whoever fetches it knows what it counts from. */
export function isAddress(text: string): boolean {
  if (/^https?:\/\//i.test(text)) return true;
  return /^[\w./~%-][\w./~%:?&=@+-]*$/.test(text) && /\/.*\w/.test(text) && !/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text);
}

/** Takes the strings of one image as they arrive: its bytes in `b64_json`, or in `url` as a data URI, or an address there. */
export class ImageStrings {
  private readonly open: () => Promise<ImageSink>;
  /** The use of the string that is being read; chosen at its first piece. */
  private string: "start" | "image" | "svg" | "skipped" | undefined;
  private image: Base64Image | undefined;
  /** The start of a string, still escaped, until it is known whether it is base64, a data URI or an address. */
  private start = "";
  private address: string | undefined;
  /** Used when neither an image nor an address comes beside it. */
  private svg: string | undefined;
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
    this.string ??= "start";
    if (this.string === "start") await this.startPiece(key, piece, last);
    else if (this.string === "image") await this.imagePiece(piece);
    else if (this.string === "svg") this.svgPiece(piece);
    if (!last) return;
    if (this.string === "svg") this.endSvg();
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

  /** True when an SVG is all that came: it is no image that is shown, but its bytes, committed by this, tell why. */
  async commitSvg(): Promise<boolean> {
    if (this.svg === undefined || this.state !== "wanted" || this.address !== undefined) return false;
    await this.imagePiece(Buffer.from(this.svg).toString("base64"));
    await this.end();
    return this.commit();
  }

  async discard(): Promise<void> {
    await this.image?.discard();
    this.image = undefined;
  }

  private async startPiece(key: "b64_json" | "url", piece: string, last: boolean): Promise<void> {
    this.start += piece;
    const start = this.start.trimStart();
    if (!last && start.length < (key === "url" ? leastToTell : leastScheme)) return;
    if (isWrittenSvg(start)) {
      this.string = "svg";
      return;
    }
    const comma = /^data:/i.test(start) ? start.indexOf(",") : -1;
    if (comma >= 0)
      await this.become(/;\s*base64\s*$/i.test(start.slice(0, comma)), start.slice(comma + 1).trimStart());
    else if (key === "b64_json" && !/^(data:|https?:\\?\/)/i.test(start)) await this.become(true, this.start);
    else if (isImageInBase64(start)) await this.become(true, start.trimEnd());
    else if (this.start.length > maxUrlLength) throw new MalformedAnswer("the URL of an image is too long");
    else if (last) this.endAddress();
  }

  private async become(isImage: boolean, data: string): Promise<void> {
    this.start = "";
    this.string = isImage ? "image" : "skipped";
    if (isImage) await this.imagePiece(data);
  }

  private endAddress(): void {
    const text = textOf(this.start).trim();
    if (isAddress(text)) this.address = text;
    this.start = "";
  }

  private svgPiece(piece: string): void {
    this.start += piece;
    if (this.start.length <= maxSvgLength) return;
    this.start = "";
    this.string = "skipped";
  }

  private endSvg(): void {
    this.svg ??= svgIn(this.start);
    this.start = "";
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
