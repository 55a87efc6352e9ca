import type { FileHandle } from "node:fs/promises";
import type { Pixels } from "../image.ts";
import { readAt } from "./read-at.ts";

/** A GIF's canvas, and whether there are more frames than one. */
export interface GifHeader extends Pixels {
  readonly animated: boolean;
}

const headBytes = 13;
const extension = 0x21;
const frame = 0x2c;
const trailer = 0x3b;
const windowBytes = 65_536;

/** Reads the canvas, and the blocks as far as the second frame; undefined when it is damaged before the first (GIF89a). */
export async function readGifHeader(handle: FileHandle): Promise<GifHeader | undefined> {
  const head = await readAt(handle, 0, headBytes);
  if (head.length < headBytes) return undefined;
  const { frames } = await walk(handle, head, 2);
  if (frames === 0) return undefined;
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8), animated: frames > 1 };
}

/** Tells whether its blocks come to their end; bytes behind that are allowed. */
export async function gifHasItsEnd(handle: FileHandle): Promise<boolean> {
  const head = await readAt(handle, 0, headBytes);
  return head.length === headBytes && (await walk(handle, head, Number.POSITIVE_INFINITY)).ended;
}

/** Counts the frames, at most so many. */
async function walk(handle: FileHandle, head: Buffer, most: number): Promise<{ frames: number; ended: boolean }> {
  const byteAt = byteReader(handle);
  let at = headBytes + colourTable(head.readUInt8(10));
  let frames = 0;
  while (frames < most) {
    const kind = await byteAt(at);
    if (kind === extension) at = await behindBlocks(byteAt, at + 2);
    else if (kind === frame) {
      frames += 1;
      at = await behindBlocks(byteAt, at + 11 + colourTable((await byteAt(at + 9)) ?? 0));
    } else return { frames, ended: kind === trailer };
  }
  return { frames, ended: false };
}

type ByteAt = (position: number) => Promise<number | undefined>;

/** A block is its length, and so many bytes; the one without any is the last. */
async function behindBlocks(byteAt: ByteAt, start: number): Promise<number> {
  let at = start;
  for (;;) {
    const length = await byteAt(at);
    if (length === undefined) return at;
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** The bytes of a table of colours, by the packed field that tells of it. */
function colourTable(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

/** Reads bytes at positions that rise; undefined behind the end. */
function byteReader(handle: FileHandle): ByteAt {
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  return async (position) => {
    if (position >= start + window.length) {
      start = position;
      window = await readAt(handle, start, windowBytes);
    }
    return window[position - start];
  };
}
