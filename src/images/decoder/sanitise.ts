import type { Sharp as Pipeline } from "sharp";
import type { ImageFormat } from "../../image.ts";
import type { Kind } from "../magic.ts";
import { shrinkFor } from "../pixel-limits.ts";
import type { Made } from "./decoder-task.ts";
import { fitPixels } from "./fit-pixels.ts";
import { type Opened, openImage } from "./open-image.ts";

interface Task {
  readonly kind: Kind;
  readonly maxBytes: number;
}

/**
 * Makes a member's image anew, pixels only: upright, in sRGB, without EXIF, GPS, comments or bytes behind its end, and of
 * an animation the first frame. It keeps its format (a GIF becomes a PNG, an AVIF or HEIC a JPEG or PNG) and its
 * transparency; colours are converted from its profile, because services do not say that they read profiles. A large
 * one is shrunk while it is decoded. When it would have more than `maxBytes`, quality goes, then pixels. Throws when it
 * cannot be decoded.
 */
export async function sanitise(bytes: Buffer, { kind, maxBytes }: Task): Promise<Made> {
  const opened = await openImage(kind, bytes);
  if (!opened) return { refused: "too-many-pixels" };
  const { firstOfMany, header } = opened;
  const image = await encode(shrunk(opened), formatFor(kind, header.hasAlpha)).toBuffer();
  if (image.length <= maxBytes) return { image, firstOfMany };
  const limit = { bytes: maxBytes, formats: ["jpeg", "webp"] as const };
  return { image: await fitPixels({ ...opened, limit, largestSide: Math.max(...sidesOf(opened)) }), firstOfMany };
}

/** JPEG and WebP leave out pixels while they decode. */
function shrunk(opened: Opened): Pipeline {
  const { sharp, bytes, options } = opened;
  const [width, height] = sidesOf(opened);
  return sharp(bytes, options).autoOrient().resize({ width, height, fit: "fill" });
}

/** The sides of the upright image, halved as often as it takes. */
function sidesOf({ header }: Opened): [width: number, height: number] {
  const { width, height } = header.autoOrient;
  const factor = shrinkFor(width, height);
  return [atLeastOne(width / factor), atLeastOne(height / factor)];
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

/** Rounded down: a decoder leaves out every other pixel only when it may shrink by two or more. */
function atLeastOne(side: number): number {
  return Math.max(1, Math.floor(side));
}
