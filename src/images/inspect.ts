import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import type { ImageFormat, Pixels } from "../image.ts";
import { loadSharp, maxPixels } from "./load-sharp.ts";
import { formatOf, isAnimatedPng } from "./magic.ts";

export interface Inspected extends Pixels {
  readonly format: ImageFormat;
  readonly bytes: number;
}

/**
 * What a file really is, from its bytes and its header; no pixel is decoded. `filename` is only for the refusal.
 * Throws Refusal `image-too-large`, `image-format`, `image-animated`, `image-unreadable`, `image-too-many-pixels`.
 */
export async function inspect(path: string, filename: string, maxBytes: number): Promise<Inspected> {
  const handle = await open(path, "r");
  try {
    return await inspectOpen(handle, path, filename, maxBytes);
  } finally {
    await handle.close();
  }
}

async function inspectOpen(handle: FileHandle, path: string, filename: string, maxBytes: number): Promise<Inspected> {
  const { size: bytes } = await handle.stat();
  if (bytes > maxBytes) throw tooLarge(filename, maxBytes);
  const format = await formatOf(handle);
  if (!format) throw new Refusal("image-format", { filename });
  if (format === "png" && (await isAnimatedPng(handle))) throw new Refusal("image-animated", { filename });
  return { ...(await readHeader(path, filename)), format, bytes };
}

async function readHeader(path: string, filename: string): Promise<Pixels> {
  const sharp = await loadSharp();
  const header = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (!header) throw new Refusal("image-unreadable", { filename });
  if ((header.pages ?? 1) > 1) throw new Refusal("image-animated", { filename });
  const { width, height } = header.autoOrient;
  if (width * height > maxPixels) throw tooManyPixels(filename);
  return { width, height };
}

export function tooLarge(filename: string, maxBytes: number): Refusal {
  return new Refusal("image-too-large", { filename, limitMegabytes: Math.floor(maxBytes / 1_000_000) });
}

function tooManyPixels(filename: string): Refusal {
  return new Refusal("image-too-many-pixels", { filename, limitMegapixels: Math.floor(maxPixels / 1_000_000) });
}
