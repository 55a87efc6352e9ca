import type { Pixels } from "../../image.ts";
import type { Kind } from "../magic.ts";
import type { Flaw, Made } from "./decoder-task.ts";
import type { Sharp } from "./load-sharp.ts";
import { type Opened, openImage } from "./open-image.ts";

interface Task {
  readonly kind: Kind;
  /** The image that it belongs to. */
  readonly first: Pixels;
  /** Above this, half transparent pixels become transparent or opaque, which takes less room. */
  readonly maxBytes: number;
}

/**
 * Makes a mask as services want it: a PNG in the pixels of the first reference, transparent where it is to be redrawn.
 * Taken are a mask with transparency (used as it is), and one in black and white without any: there white is redrawn
 * and black is kept, as in Stable Diffusion's tools. Another shape is stretched, pixel by pixel.
 * Throws when it cannot be decoded.
 */
export async function makeMask(bytes: Buffer, { kind, first, maxBytes }: Task): Promise<Made> {
  const opened = await openImage(kind, bytes);
  if (!opened) return { refused: "too-many-pixels" };
  const { sharp, options, header, firstOfMany } = opened;
  const transparent = !(await sharp(opened.bytes, options).stats()).isOpaque;
  const flaw = transparent ? undefined : await flawOfOpaque(opened, header.hasAlpha);
  if (flaw) return { refused: flaw };
  const values = await alphaOf(opened, first, transparent);
  if (values.every((value) => value === 255)) return { refused: "all-opaque" };
  const image = await encodeAlpha(sharp, values, first);
  if (image.length <= maxBytes) return { image, firstOfMany };
  const hard = values.map((value) => (value < 128 ? 0 : 255));
  return { image: await encodeAlpha(sharp, hard, first), firstOfMany };
}

async function alphaOf({ sharp, bytes, options }: Opened, first: Pixels, transparent: boolean): Promise<Uint8Array> {
  const stretched = sharp(bytes, options)
    .autoOrient()
    .resize(first.width, first.height, { fit: "fill", kernel: "nearest" });
  const alpha = transparent
    ? stretched.extractChannel("alpha")
    : stretched.removeAlpha().greyscale().threshold(128).negate();
  return alpha.toColourspace("b-w").raw().toBuffer();
}

function encodeAlpha(sharp: Sharp, alpha: Uint8Array, { width, height }: Pixels): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "black" } })
    .joinChannel(Buffer.from(alpha), { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}

/** At least 19 of 20 pixels must be nearly black or nearly white: the edges of a JPEG are grey. */
async function flawOfOpaque({ sharp, bytes, options }: Opened, hasAlpha: boolean): Promise<Flaw | undefined> {
  const sample = await sharp(bytes, options)
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
