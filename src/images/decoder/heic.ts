import { readFile } from "node:fs/promises";
import type { HeifImage, Shown } from "libheif-js/wasm-bundle.js";
import { intakePixels, type Sharp } from "./load-sharp.ts";

/** A PNG, and whether the file has more images than that. */
export interface Unpacked {
  readonly path: string;
  readonly animated: boolean;
}

/**
 * Unpacks a HEIC photograph into a PNG beside it, turned the way its file says; of several images, the first. libheif
 * runs as WebAssembly, which reaches no memory but its own. Throws when it cannot be decoded.
 */
export async function unpackHeic(sharp: Sharp, from: string): Promise<Unpacked | "too-many-pixels"> {
  const { default: libheif } = await import("libheif-js/wasm-bundle.js");
  const [image, ...others] = new libheif.HeifDecoder().decode(await readFile(from));
  if (!image) throw new Error("there is no image in this HEIC file");
  const size = { width: image.get_width(), height: image.get_height() };
  if (size.width * size.height > intakePixels.heic) return "too-many-pixels";
  const data = await shown(image, { ...size, data: new Uint8ClampedArray(size.width * size.height * 4) });
  const path = `${from}.png`;
  const pixels = sharp(data, { raw: { ...size, channels: 4 } });
  await (isOpaque(data) ? pixels.removeAlpha() : pixels).png({ compressionLevel: 0 }).toFile(path);
  for (const each of [image, ...others]) each.free();
  return { path, animated: others.length > 0 };
}

function shown(image: HeifImage, into: Shown): Promise<Uint8ClampedArray> {
  return new Promise((resolve, reject) => {
    image.display(into, (done) => (done ? resolve(done.data) : reject(new Error("libheif cannot decode it"))));
  });
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}
