import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import type { ImageFormat, Pixels } from "../image.ts";
import { maxPixels } from "./decoder/load-sharp.ts";
import { readHeader } from "./header.ts";
import type { Kind } from "./magic.ts";
import { kindNamed, nameOf } from "./magic.ts";

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
 * What a file really is, from its bytes and its header; no pixel is decoded.
 * Throws Refusal `image-too-large`, `image-format`, `image-animated`, `image-unreadable`, `image-too-many-pixels`.
 */
export function inspect(path: string, given: InspectOptions): Promise<Inspected> {
  return withFile(path, async (handle) => {
    const { kind, bytes } = await admit(handle, given);
    if (kind === "gif" || kind === "avif") throw new Refusal("image-format", { filename: given.filename });
    return { ...(await headerOf(handle, kind, given.filename)), format: kind, bytes };
  });
}

/** Which decoder a member's file may be shown to, if any. GIF and AVIF are measured by theirs. Throws like `inspect`. */
export function examine(path: string, given: InspectOptions): Promise<Kind> {
  return withFile(path, async (handle) => {
    const { kind } = await admit(handle, given);
    if (kind !== "gif" && kind !== "avif") await headerOf(handle, kind, given.filename);
    return kind;
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

async function headerOf(handle: FileHandle, format: ImageFormat, filename: string): Promise<Pixels> {
  const header = await readHeader(handle, format);
  if (!header) throw new Refusal("image-unreadable", { filename });
  const { width, height, animated } = header;
  if (animated) throw new Refusal("image-animated", { filename });
  if (width * height > maxPixels) throw tooManyPixels(filename);
  return { width, height };
}

export function tooLarge(filename: string, maxBytes: number): Refusal {
  return new Refusal("image-too-large", { filename, limitMegabytes: Math.floor(maxBytes / 1_000_000) });
}

export function tooManyPixels(filename: string): Refusal {
  return new Refusal("image-too-many-pixels", { filename, limitMegapixels: Math.floor(maxPixels / 1_000_000) });
}
