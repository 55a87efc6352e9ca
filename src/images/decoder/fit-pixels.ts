import type { Sharp as Pipeline, Raw, SharpOptions } from "sharp";
import type { FileFormat, FileLimit, ImageFormat } from "../../image.ts";
import { bestThatFits, type Versions } from "./fit-search.ts";
import type { Sharp } from "./load-sharp.ts";
import { markedPng, originMark } from "./origin-mark.ts";

/** Below 60, flaws are plainly visible: pixels go instead. */
const lossyQualities = [95, 92, 89, 86, 83, 80, 76, 72, 68, 64, 60];
/** Without loss, then with 256 colours. */
const pngQualities = [100, 50];
/** The mark of origin takes at most one byte in so many. */
const bytesPerMarkByte = 8;
/** Every band of this many rows, out of so many bands, tells how well an image can be compressed. */
const bandRows = 16;
const bandsApart = 16;

interface Task {
  readonly sharp: Sharp;
  readonly bytes: Buffer;
  readonly limit: FileLimit;
  /** How `bytes` are opened. */
  readonly options: SharpOptions;
  /** Shrunk to this first, when larger. */
  readonly largestSide?: number;
  /** A model made the image, and the new file says so. */
  readonly marked?: boolean;
}

interface Picture {
  readonly data: Buffer;
  readonly raw: Raw;
}

/**
 * Makes the best version of an image that has at most `limit.bytes`: the highest quality that fits, of a format that the
 * channel takes; fewer pixels when none does. The same bytes at each call. Throws when even a few pixels are too many.
 */
export async function fitPixels(task: Task): Promise<Buffer> {
  const { sharp, limit } = task;
  const marked = task.marked === true && limit.bytes >= bytesPerMarkByte * originMark.length;
  const picture = await decode(task);
  const format = bestFormat(limit.formats, picture.raw.channels % 2 === 0);
  return bestThatFits(versionsOf(sharp, picture, { format, marked }), limit.bytes);
}

/** Decoded once, however many versions are tried; without a channel for transparency when nothing is transparent. */
async function decode({ sharp, bytes, options, largestSide }: Task): Promise<Picture> {
  const opened = sharp(bytes, options).autoOrient();
  const sized = largestSide
    ? opened.resize({ width: largestSide, height: largestSide, fit: "inside", withoutEnlargement: true })
    : opened;
  const { data, info } = await sized.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const raw = { width, height, channels };
  if (channels % 2 === 1 || isTransparent(data, channels)) return { data, raw };
  const opaque = (channels - 1) as Raw["channels"];
  return { data: await sharp(data, { raw }).removeAlpha().raw().toBuffer(), raw: { ...raw, channels: opaque } };
}

function isTransparent(data: Buffer, channels: number): boolean {
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return true;
  return false;
}

/** JPEG is eight times as fast as WebP, at the same size; it has no transparency. */
function bestFormat(allowed: readonly FileFormat[], transparent: boolean): ImageFormat {
  const preferred: readonly ImageFormat[] = transparent ? ["webp", "png", "jpeg"] : ["jpeg", "webp", "png"];
  const best = preferred.find((format) => allowed.includes(format));
  if (!best) throw new Error("The channel takes no image at all");
  return best;
}

function versionsOf(sharp: Sharp, { data, raw }: Picture, how: { format: ImageFormat; marked: boolean }): Versions {
  const { format, marked } = how;
  const sample = sampleOf({ data, raw });
  return {
    qualities: format === "png" ? pngQualities : lossyQualities,
    shrunkQuality: format === "png" ? 50 : 80,
    encode(quality, factor) {
      const width = Math.max(1, Math.floor(raw.width * factor));
      const height = Math.max(1, Math.floor(raw.height * factor));
      const whole = sharp(data, { raw });
      const sized = factor < 1 ? whole.resize(width, height, { fit: "fill" }) : whole;
      const image = encode(sized, format, quality);
      if (!marked) return image.toBuffer();
      return format === "png" ? image.toBuffer().then(markedPng) : image.withXmp(originMark).toBuffer();
    },
    async estimate(quality) {
      const { length } = await encode(sharp(sample.data, { raw: sample.raw }), format, quality).toBuffer();
      return (length * raw.height) / sample.raw.height;
    },
  };
}

/** Bands from all over the image; all of a low one. */
function sampleOf({ data, raw }: Picture): Picture {
  const bytesPerRow = raw.width * raw.channels;
  const bands: Buffer[] = [];
  for (let row = 0; row < raw.height; row += bandRows * bandsApart) {
    bands.push(data.subarray(row * bytesPerRow, (row + bandRows) * bytesPerRow));
  }
  if (bands.length < 4) return { data, raw };
  const sampled = Buffer.concat(bands);
  return { data: sampled, raw: { ...raw, height: sampled.length / bytesPerRow } };
}

function encode(image: Pipeline, format: ImageFormat, quality: number): Pipeline {
  switch (format) {
    case "png":
      return quality === 100 ? image.png() : image.png({ palette: true, effort: 1 });
    case "jpeg":
      return image.flatten({ background: "white" }).jpeg({ quality });
    case "webp":
      return image.webp({ quality, effort: 0 });
  }
}
