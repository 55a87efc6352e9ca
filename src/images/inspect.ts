import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import type { FileFormat, Pixels } from "../image.ts";
import type { Header } from "./header.ts";
import { readHeader } from "./header.ts";
import type { Kind } from "./magic.ts";
import { isFileFormat, isServiceFormat, kindNamed, nameOf } from "./magic.ts";
import { maxInterlacedPixels, maxPixels, maxPixelsIn } from "./pixel-limits.ts";

export interface Inspected extends Pixels {
  readonly format: FileFormat;
  readonly bytes: number;
}

interface InspectOptions {
  /** Only for the refusal. */
  readonly filename: string;
  readonly maxBytes: number;
}

/** A member's file, before a decoder has seen it. */
export interface Examined {
  readonly kind: Kind;
  /** There are more frames than one; of a GIF, AVIF or HEIC only the decoder knows. */
  readonly animated: boolean;
}

/**
 * Tells what a file really is, from its bytes and its header; no pixel is decoded.
 * Throws Refusal `image-too-large`, `image-format`, `image-unreadable`, `image-too-many-pixels`.
 */
export function inspect(path: string, given: InspectOptions): Promise<Inspected> {
  return withFile(path, (handle) => measure(handle, given, isServiceFormat));
}

/** The same for a result that is open, which may also be a GIF. */
export function inspectResult(handle: FileHandle, given: InspectOptions): Promise<Inspected> {
  return measure(handle, given, isFileFormat);
}

/** Tells whether a result has more frames than one, as far as its header says. */
export function isAnimation(path: string, format: FileFormat): Promise<boolean> {
  return withFile(path, async (handle) => (await readHeader(handle, format))?.animated ?? false);
}

async function measure<Format extends FileFormat>(
  handle: FileHandle,
  given: InspectOptions,
  isAllowed: (kind: Kind) => kind is Format,
): Promise<Inspected> {
  const { kind, bytes } = await admit(handle, given);
  if (!isAllowed(kind)) throw new Refusal("image-format", { filename: given.filename, format: kind.toUpperCase() });
  const { width, height } = await headerOf(handle, kind, given.filename);
  if (width * height > maxPixels) throw tooManyPixels(given.filename, maxPixels);
  return { format: kind, bytes, width, height };
}

/**
 * Tells which decoder a member's file may be shown to, if any; GIF, AVIF and HEIC are measured by theirs. Throws like
 * `inspect`, but allows as many pixels as that decoder can shrink.
 */
export function examine(path: string, given: InspectOptions): Promise<Examined> {
  return withFile(path, async (handle) => {
    const { kind } = await admit(handle, given);
    if (!isServiceFormat(kind)) return { kind, animated: false };
    const { width, height, animated, interlaced } = await headerOf(handle, kind, given.filename);
    const limit = interlaced ? maxInterlacedPixels : maxPixelsIn[kind];
    if (width * height > limit) throw tooManyPixels(given.filename, limit);
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
): Promise<{ kind: Kind; bytes: number }> {
  const { size: bytes } = await handle.stat();
  if (bytes > maxBytes) throw tooLarge(filename, maxBytes);
  const name = await nameOf(handle);
  const kind = kindNamed(name);
  if (!kind) throw new Refusal("image-format", { filename, ...(name === undefined ? {} : { format: name }) });
  return { kind, bytes };
}

async function headerOf(handle: FileHandle, format: FileFormat, filename: string): Promise<Header> {
  const header = await readHeader(handle, format);
  if (!header) throw new Refusal("image-unreadable", { filename });
  return header;
}

export function tooLarge(filename: string, maxBytes: number): Refusal {
  return new Refusal("image-too-large", { filename, limitMegabytes: Math.floor(maxBytes / 1_000_000) });
}

export function tooManyPixels(filename: string, limit: number): Refusal {
  return new Refusal("image-too-many-pixels", { filename, limitMegapixels: Math.floor(limit / 1_000_000) });
}
