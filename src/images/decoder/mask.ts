import { stat } from "node:fs/promises";
import type { Sharp as Pipeline } from "sharp";
import type { Pixels } from "../../image.ts";
import type { Kind } from "../magic.ts";
import type { DecoderAnswer, Flaw } from "./decoder-task.ts";
import type { Sharp } from "./load-sharp.ts";
import { untrusted } from "./load-sharp.ts";
import { isTooLarge } from "./sanitise.ts";

interface Task {
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  /** The image that it belongs to. */
  readonly first: Pixels;
  /** Above this, half transparent pixels become transparent or opaque, which takes less room. */
  readonly maxBytes: number;
}

/**
 * Writes a mask as services want it: a PNG in the pixels of the first reference, transparent where it is to be redrawn.
 * Taken are a mask with transparency (used as it is), and one in black and white without any: there white is redrawn
 * and black is kept, as in Stable Diffusion's tools. Another shape is stretched, pixel by pixel.
 * Throws when it cannot be decoded.
 */
export async function makeMask(sharp: Sharp, task: Task): Promise<DecoderAnswer> {
  const { from, to, first, maxBytes, kind } = task;
  const open = () => sharp(from, untrusted(kind));
  const header = await sharp(from, { limitInputPixels: false }).metadata();
  if (isTooLarge(header, kind)) return { refused: "too-many-pixels" };
  const transparent = !(await open().stats()).isOpaque;
  const flaw = transparent ? undefined : await flawOfOpaque(open(), header.hasAlpha);
  if (flaw) return { refused: flaw };
  const stretched = open().autoOrient().resize(first.width, first.height, { fit: "fill", kernel: "nearest" });
  const alpha = transparent
    ? stretched.extractChannel("alpha")
    : stretched.removeAlpha().greyscale().threshold(128).negate();
  const values = await alpha.toColourspace("b-w").raw().toBuffer();
  if (values.every((value) => value === 255)) return { refused: "all-opaque" };
  await writeAlpha(sharp, values, to, first);
  if ((await stat(to)).size > maxBytes)
    await writeAlpha(
      sharp,
      values.map((value) => (value < 128 ? 0 : 255)),
      to,
      first,
    );
  return { done: true };
}

async function writeAlpha(sharp: Sharp, alpha: Uint8Array, to: string, { width, height }: Pixels): Promise<void> {
  await sharp({ create: { width, height, channels: 3, background: "black" } })
    .joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } })
    .png()
    .toFile(to);
}

/** At least 19 of 20 pixels must be nearly black or nearly white: the edges of a JPEG are grey. */
async function flawOfOpaque(image: Pipeline, hasAlpha: boolean): Promise<Flaw | undefined> {
  const sample = await image
    .removeAlpha()
    .toColourspace("srgb")
    .resize(256, 256, { fit: "fill", kernel: "nearest" })
    .raw()
    .toBuffer();
  let black = 0;
  let white = 0;
  for (let pixel = 0; pixel < sample.length; pixel += 3) {
    const [red = 0, green = 0, blue = 0] = sample.subarray(pixel, pixel + 3);
    if (Math.max(red, green, blue) < 48) black += 1;
    if (Math.min(red, green, blue) > 207) white += 1;
  }
  if (black + white >= 0.95 * 256 * 256 && black > 0) return undefined;
  return hasAlpha ? "all-opaque" : "no-transparency";
}
