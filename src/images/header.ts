import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { FileFormat, Pixels } from "../image.ts";
import { readGifHeader } from "./gif.ts";
import { readAt } from "./read-at.ts";

/** The pixels of a file as they are stored, and how they are. */
export interface Header extends Pixels {
  /** There are more frames than one. */
  readonly animated: boolean;
  /** Its rows do not come in order. */
  readonly interlaced: boolean;
}

/** No honest still image opens with so many chunks. */
const maxChunks = 1000;

/**
 * Reads the header of a PNG, JPEG, WebP or GIF file; undefined when it is damaged. It is read here, byte by byte, so that no
 * decoder ever sees a bomb, and none is loaded into the process that holds the credentials.
 */
export async function readHeader(handle: FileHandle, format: FileFormat): Promise<Header | undefined> {
  const header = await readers[format](handle);
  return header && header.width > 0 && header.height > 0 ? header : undefined;
}

const readers: Readonly<Record<FileFormat, (handle: FileHandle) => Promise<Header | undefined>>> = {
  async png(handle) {
    const head = await readAt(handle, 8, 25);
    if (head.length < 25 || head.toString("latin1", 4, 8) !== "IHDR") return undefined;
    if (crc32(head.subarray(4, 21)) !== head.readUInt32BE(21)) return undefined;
    const pixels = { width: head.readUInt32BE(8), height: head.readUInt32BE(12) };
    const animated = await isAnimatedPng(handle);
    return animated === undefined ? undefined : { ...pixels, animated, interlaced: head.readUInt8(20) !== 0 };
  },
  async jpeg(handle) {
    let position = 2;
    for (let segments = 0; segments < maxChunks; segments += 1) {
      const head = await readAt(handle, position, 9);
      if (head.length < 9 || head[0] !== 0xff) return undefined;
      const marker = head.readUInt8(1);
      if (isFrame(marker)) return still(head.readUInt16BE(7), head.readUInt16BE(5));
      if (marker === 0xda || marker === 0xd9) return undefined; // pixels, or the end, without a frame
      position += marker === 0xff ? 1 : 2 + head.readUInt16BE(2);
    }
    return undefined;
  },
  async webp(handle) {
    const head = await readAt(handle, 0, 30);
    const { size } = await handle.stat();
    // Cut off; some programs leave out the byte that fills up an odd length.
    if (head.length < 30 || head.readUInt32LE(4) + 7 > size) return undefined;
    const animated = head.toString("latin1", 12, 16) === "VP8X" && (await isAnimatedWebp(handle, size));
    const pixels = webpPixels(head);
    return pixels && { ...pixels, animated, interlaced: false };
  },
  async gif(handle) {
    const header = await readGifHeader(handle);
    return header && { ...header, interlaced: false }; // pixels are shrunk behind the decoder, whatever their order
  },
};

function still(width: number, height: number): Header {
  return { width, height, animated: false, interlaced: false };
}

/** SOF0 to SOF15, without the three markers among them that mean something else (ITU T.81, table B.1). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function webpPixels(head: Buffer): Pixels | undefined {
  switch (head.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const packed = head.readUInt32LE(21);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** Its acTL chunk, which tells the number of frames, must come before the first IDAT (PNG, third edition, 11.3.6.1). */
async function isAnimatedPng(handle: FileHandle): Promise<boolean | undefined> {
  let position = 8;
  for (let chunks = 0; chunks < maxChunks; chunks += 1) {
    const head = await readAt(handle, position, 12);
    const type = head.toString("latin1", 4, 8);
    if (type === "acTL") return head.length < 12 || head.readUInt32BE(8) > 1;
    if (type === "IDAT" || head.length < 12) return false;
    position += 12 + head.readUInt32BE(0);
  }
  return undefined;
}

/** More frames than one (RFC 9649, 2.7.1.1); a single frame is a still image. */
async function isAnimatedWebp(handle: FileHandle, size: number): Promise<boolean> {
  let position = 12;
  let frames = 0;
  for (let chunks = 0; position < size && chunks < maxChunks; chunks += 1) {
    const head = await readAt(handle, position, 8);
    if (head.length < 8) return frames > 1;
    if (head.toString("latin1", 0, 4) === "ANMF") frames += 1;
    if (frames > 1) return true;
    const length = head.readUInt32LE(4);
    position += 8 + length + (length % 2);
  }
  return position < size;
}
