import { Refusal } from "../errors.ts";
import type { Pixels } from "../image.ts";
import type { Sharp } from "./load-sharp.ts";
import { decoding, untrusted } from "./load-sharp.ts";

/**
 * Writes a mask as services want it: a PNG in the pixels of the first reference, transparent where it is to be redrawn.
 * Taken are a mask with transparency (used as it is), and one in black and white without any: there white is redrawn
 * and black is kept, as in Stable Diffusion's tools. Another shape is stretched, pixel by pixel.
 * Throws Refusal `mask-unusable`, or sharp's own error when it cannot be decoded.
 */
export function makeMask(from: string, to: string, first: Pixels, seconds: number): Promise<void> {
  return decoding(async (sharp) => {
    const transparent = !(await sharp(from, untrusted).stats()).isOpaque;
    if (!transparent) await checkBlackAndWhite(sharp, from);
    const stretched = sharp(from, untrusted)
      .autoOrient()
      .resize(first.width, first.height, { fit: "fill", kernel: "nearest" })
      .timeout({ seconds });
    const alpha = transparent
      ? stretched.extractChannel("alpha")
      : stretched.removeAlpha().greyscale().threshold(128).negate();
    await writeAlpha(sharp, await alpha.toColourspace("b-w").raw().toBuffer(), to, first);
  });
}

async function writeAlpha(sharp: Sharp, alpha: Buffer, to: string, { width, height }: Pixels): Promise<void> {
  const raw = { width, height, channels: 1 } as const;
  const { channels } = await sharp(alpha, { raw }).stats();
  if (channels[0]?.min === 255) throw new Refusal("mask-unusable", { why: "all-opaque" });
  await sharp({ create: { width, height, channels: 3, background: "black" } })
    .joinChannel(alpha, { raw })
    .png()
    .toFile(to);
}

/** At least 19 of 20 pixels must be nearly black or nearly white: the edges of a JPEG are grey. */
async function checkBlackAndWhite(sharp: Sharp, from: string): Promise<void> {
  const { hasAlpha } = await sharp(from).metadata();
  const sample = await sharp(from, untrusted)
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
  const twoColours = black + white >= 0.95 * 256 * 256 && black > 0;
  if (!twoColours) throw new Refusal("mask-unusable", { why: hasAlpha ? "all-opaque" : "no-transparency" });
}
