import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import type { ImageFormat, Pixels } from "../image.ts";
import { intakePixels, maxPixels } from "./decoder/load-sharp.ts";
import { type Header, readHeader } from "./header.ts";
import type { Kind } from "./magic.ts";
import { isFormat, kindNamed, nameOf } from "./magic.ts";

export interface Inspected extends Pixels {
  readonly format: ImageFormat;
  readonly bytes: number;
}

interface InspectOptions {
  /** Only for the refusal. */
  readonly filename: string;
  readonly maxBytes: number;
}

/**
 * Tells what a file really is, from its bytes and its header; no pixel is decoded.
 * Throws Refusal `image-too-large`, `image-format`, `image-unreadable`, `image-too-many-pixels`.
 */
export function inspect(path: string, given: InspectOptions): Promise<Inspected> {
  return withFile(path, async (handle) => {
    const { kind, name, bytes } = await admit(handle, given);
    if (!isFormat(kind)) throw new Refusal("image-format", { filename: given.filename, format: name });
    const { width, height } = await headerOf(handle, kind, { ...given, maxPixels });
    return { width, height, format: kind, bytes };
  });
}

/** A member's file that may be decoded. */
export interface Examined {
  readonly kind: Kind;
  /** It has more frames than one. Only its decoder tells for a GIF, an AVIF or a HEIC. */
  readonly animated: boolean;
}

/**
 * Tells which decoder a member's file may be shown to; larger images than `inspect` takes are shrunk by it. GIF, AVIF and
 * HEIC are measured by their decoders. Throws like `inspect`.
 */
export function examine(path: string, given: InspectOptions): Promise<Examined> {
  return withFile(path, async (handle) => {
    const { kind } = await admit(handle, given);
    if (!isFormat(kind)) return { kind, animated: false };
    const { animated } = await headerOf(handle, kind, { ...given, maxPixels: intakePixels[kind] });
    return { kind, animated };
  });
}

async function withFile<Result>(path: string, work: (handle: FileHandle) => Promise<Result>): Promise<Result> {
  const handle = await open(path, "r");
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function admit(
  handle: FileHandle,
  { filename, maxBytes }: InspectOptions,
): Promise<{ kind: Kind; name: string; bytes: number }> {
  const { size: bytes } = await handle.stat();
  if (bytes > maxBytes) throw tooLarge(filename, maxBytes);
  const name = await nameOf(handle);
  const kind = kindNamed(name);
  if (!kind || name === undefined) {
    throw new Refusal("image-format", { filename, ...(name === undefined ? {} : { format: name }) });
  }
  return { kind, name, bytes };
}

async function headerOf(
  handle: FileHandle,
  format: ImageFormat,
  { filename, maxPixels: limit }: InspectOptions & { readonly maxPixels: number },
): Promise<Header> {
  const header = await readHeader(handle, format);
  if (!header) throw new Refusal("image-unreadable", { filename });
  if (header.width * header.height > limit) throw tooManyPixels(filename, limit);
  return header;
}

export function tooLarge(filename: string, maxBytes: number): Refusal {
  return new Refusal("image-too-large", { filename, limitMegabytes: Math.floor(maxBytes / 1_000_000) });
}

export function tooManyPixels(filename: string, limit: number): Refusal {
  return new Refusal("image-too-many-pixels", { filename, limitMegapixels: Math.floor(limit / 1_000_000) });
}
