import sharp from "sharp";

/** A PNG that cannot be compressed: 3840 x 2160 pixels of it are 24.9 MB, the largest that a service can send. */
export async function noisePng(width: number, height: number, seed: number): Promise<Buffer> {
  const pixels = Buffer.allocUnsafe(width * height * 3);
  let state = 2 * seed + 1; // never 0, where the sequence would end
  for (let at = 0; at < pixels.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    pixels[at] = state;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1, adaptiveFiltering: false })
    .toBuffer();
}
