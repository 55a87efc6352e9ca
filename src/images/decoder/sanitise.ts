import { appendFile, stat } from "node:fs/promises";
import type { Metadata, Sharp as Pipeline, SharpOptions } from "sharp";
import type { ImageFormat } from "../../image.ts";
import type { Kind } from "../magic.ts";
import type { DecoderAnswer } from "./decoder-task.ts";
import { fitPixels } from "./fit-pixels.ts";
import type { Sharp } from "./load-sharp.ts";
import { intakePixels, maxPixels, untrusted } from "./load-sharp.ts";

interface Task {
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  readonly maxBytes: number;
}

/**
 * Writes a member's image anew, pixels only: upright, in sRGB, without EXIF, GPS, comments or bytes behind its end; of an
 * animation its first frame. It keeps its format (a GIF becomes a PNG, an AVIF or HEIC a JPEG or PNG) and its
 * transparency; colours are converted from its profile, because services do not say that they read profiles. When it has
 * more than `maxPixels`, or would have more than `maxBytes`, it is shrunk. Throws when a pixel cannot be decoded.
 */
export async function sanitise(sharp: Sharp, task: Task): Promise<DecoderAnswer> {
  const { from, to, kind, maxBytes } = task;
  const header = await sharp(from, { limitInputPixels: false }).metadata();
  if (isTooLarge(header, kind)) return { refused: "too-many-pixels" };
  const options = await encodeWhole(sharp, task, header);
  if ((await stat(to)).size > maxBytes) {
    const largestSide = sideWithin(maxPixels, header);
    await fitPixels(sharp, { from, to, limit: { bytes: maxBytes, formats: ["jpeg", "webp"] }, options, largestSide });
  }
  return { done: true, animated: (header.pages ?? 1) > 1 };
}

export function isTooLarge({ width, height }: Metadata, kind: Kind): boolean {
  return width * height > intakePixels[kind];
}

/** Every viewer shows a JPEG without its last two bytes; with them, nothing else may be missing. */
async function encodeWhole(sharp: Sharp, { from, to, kind }: Task, header: Metadata): Promise<SharpOptions> {
  const write = (options: SharpOptions) =>
    encode(shrunk(sharp(from, options).autoOrient(), header), formatFor(kind, header.hasAlpha)).toFile(to);
  const options = untrusted(kind);
  try {
    await write(options);
    return options;
  } catch (error) {
    if (kind !== "jpeg" || !String(error).includes("premature end of JPEG image")) throw error;
    await appendFile(from, Buffer.from([0xff, 0xd9]));
    const strict: SharpOptions = { ...options, failOn: "warning" };
    await write(strict);
    return strict;
  }
}

function shrunk(image: Pipeline, header: Metadata): Pipeline {
  const side = sideWithin(maxPixels, header);
  return image.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
}

/** The longer side of an image of this shape that has at most so many pixels. */
function sideWithin(pixels: number, { width, height }: Metadata): number {
  const scale = Math.min(1, Math.sqrt(pixels / (width * height)));
  return Math.max(1, Math.floor(Math.max(width, height) * scale));
}

function formatFor(kind: Kind, hasAlpha: boolean): ImageFormat {
  if (kind === "gif") return "png";
  if (kind === "avif" || kind === "heic") return hasAlpha ? "png" : "jpeg";
  return kind;
}

function encode(image: Pipeline, format: ImageFormat): Pipeline {
  switch (format) {
    case "png":
      return image.png();
    case "jpeg":
      return image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
    case "webp":
      return image.webp({ quality: 92, effort: 2 });
  }
}
