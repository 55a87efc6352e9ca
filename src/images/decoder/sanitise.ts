import { stat } from "node:fs/promises";
import type { Metadata, Sharp as Pipeline } from "sharp";
import type { ImageFormat } from "../../image.ts";
import type { Kind } from "../magic.ts";
import type { Flaw } from "./decoder-task.ts";
import { fitPixels } from "./fit-pixels.ts";
import type { Sharp } from "./load-sharp.ts";
import { maxPixels, untrusted } from "./load-sharp.ts";

interface Task {
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  readonly maxBytes: number;
}

/**
 * Writes a member's image anew, pixels only: upright, in sRGB, without EXIF, GPS, comments or bytes behind its end.
 * It keeps its format (a GIF becomes a PNG, an AVIF a JPEG or PNG) and its transparency; colours are converted from
 * its profile, because services do not say that they read profiles. When it would have more than `maxBytes`, quality
 * goes, then pixels. Throws when a pixel cannot be decoded.
 */
export async function sanitise(sharp: Sharp, { from, to, kind, maxBytes }: Task): Promise<Flaw | undefined> {
  const header = await sharp(from, { limitInputPixels: false }).metadata();
  const flaw = flawOf(header);
  if (flaw) return flaw;
  await encode(sharp(from, untrusted).autoOrient(), formatFor(kind, header.hasAlpha)).toFile(to);
  if ((await stat(to)).size <= maxBytes) return undefined;
  await fitPixels(sharp, { from, to, limit: { bytes: maxBytes, formats: ["jpeg", "webp"] }, options: untrusted });
  return undefined;
}

/** What keeps an image from being used, by its header. */
export function flawOf({ pages = 1, width, height }: Metadata): Flaw | undefined {
  if (pages > 1) return "animated";
  return width * height > maxPixels ? "too-many-pixels" : undefined;
}

function formatFor(kind: Kind, hasAlpha: boolean): ImageFormat {
  if (kind === "gif") return "png";
  if (kind === "avif") return hasAlpha ? "png" : "jpeg";
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
