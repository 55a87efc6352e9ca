import sharp from "sharp";
import type { Pixels } from "../../src/image.ts";

const shades = 16;
const drawn = new Map<string, Promise<Buffer>>();

/** Draws an image of one colour, once in a process: sixteen shades in turn make images of the same pixels differ. */
export function plainImage(
  { width, height }: Pixels,
  format: "png" | "jpeg" | "webp" = "png",
  shade = 0,
): Promise<Buffer> {
  const name = `${width}x${height} ${format} ${shade % shades}`;
  const known = drawn.get(name);
  if (known) return known;
  const background = { r: (shade % shades) * 16, g: 120, b: 200 };
  const image = sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
  drawn.set(name, image);
  return image;
}
