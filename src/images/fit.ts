import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sharp, SharpOptions } from "sharp";
import type { FileLimit, Fitted, ImageFormat, Pixels, StoredImage } from "../image.ts";
import { decoding, maxPixels } from "./load-sharp.ts";
import { formatOf } from "./magic.ts";
import type { Spool } from "./spool.ts";

/** From hardly visible to clearly visible; then pixels go. */
const qualities = [95, 90, 82, 74, 65];
const maxShrinks = 10;

/** A flaw in the service's own file must not keep it from being delivered. */
const paidFor: SharpOptions = { failOn: "none", limitInputPixels: maxPixels };

/**
 * The file of an image when a place can take it as it is; else the best one made from it that the place can take,
 * made once and the same bytes ever after. Transparency is kept when the place takes WebP or PNG.
 * Throws when even a few pixels are too many.
 */
export async function fitImage(spool: Spool, image: StoredImage, limit: FileLimit): Promise<Fitted> {
  const { format, bytes, file } = image;
  if (bytes <= limit.bytes && limit.formats.includes(format)) {
    return { path: spool.pathOf(file), format, bytes, changed: false };
  }
  const name = [image.sha256, limit.bytes, ...limit.formats.toSorted()].join("-");
  const path = spool.fittedPath(name);
  if (!(await spool.exists(path))) {
    await spool.withScratch(async (directory) => {
      await spool.keepFitted(await firstThatFits(spool.pathOf(file), join(directory, "try"), limit), name);
    });
  }
  return describe(path);
}

async function describe(path: string): Promise<Fitted> {
  const handle = await open(path, "r");
  try {
    const format = await formatOf(handle);
    if (!format) throw new Error(`Not an image: ${path}`);
    return { path, format, bytes: (await handle.stat()).size, changed: true };
  } finally {
    await handle.close();
  }
}

/** Tries ever smaller versions, each written to `to`, until one is small enough. */
function firstThatFits(from: string, to: string, limit: FileLimit): Promise<string> {
  return decoding(async (sharp) => {
    const { hasAlpha, width, height } = await sharp(from, paidFor).metadata();
    const format = bestFormat(limit.formats, hasAlpha);
    for (const quality of format === "png" ? [100] : qualities) {
      await encode(sharp(from, paidFor), format, quality).toFile(to);
      if ((await stat(to)).size <= limit.bytes) return to;
    }
    let size: Pixels = { width, height };
    for (let shrinks = 0; shrinks < maxShrinks; shrinks += 1) {
      size = smaller(size, (await stat(to)).size, limit.bytes);
      await encode(sharp(from, paidFor).resize(size.width, size.height), format, 80).toFile(to);
      if ((await stat(to)).size <= limit.bytes) return to;
    }
    throw new Error(`No version of the image has ${limit.bytes} bytes or fewer`);
  });
}

/** JPEG is eight times as fast as WebP, at the same size; it has no transparency. */
function bestFormat(allowed: readonly ImageFormat[], hasAlpha: boolean): ImageFormat {
  const preferred: readonly ImageFormat[] = hasAlpha ? ["webp", "png", "jpeg"] : ["jpeg", "webp", "png"];
  const best = preferred.find((format) => allowed.includes(format));
  if (!best) throw new Error("The place takes no image at all");
  return best;
}

/** Bytes go with the area, nearly; a little less than that, so that the next try fits. */
function smaller({ width, height }: Pixels, bytes: number, limitBytes: number): Pixels {
  const factor = Math.min(0.9, 0.95 * Math.sqrt(limitBytes / bytes));
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}

function encode(image: Sharp, format: ImageFormat, quality: number): Sharp {
  switch (format) {
    case "png":
      return image.png();
    case "jpeg":
      return image.flatten({ background: "white" }).jpeg({ quality });
    case "webp":
      return image.webp({ quality, effort: 0 });
  }
}
