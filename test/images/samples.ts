import { crc32, deflateSync } from "node:zlib";
import type { Sharp } from "sharp";
import sharp from "sharp";

/** As hard to compress as a photograph: noise, the same in each run. */
export function photo(width = 120, height = 80): Sharp {
  let state = 2_463_534_242;
  const noise = Uint8Array.from({ length: width * height * 3 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5; // Marsaglia's xorshift
    return 64 + (state & 0x7f);
  });
  return sharp(noise, { raw: { width, height, channels: 3 } });
}

/** The same file with a flaw in the middle. */
export function flawed(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  const middle = Math.floor(file.length / 2);
  copy.writeUInt8(copy.readUInt8(middle) ^ 0xff, middle);
  return copy;
}

/** Red above, blue below: shows which way up it is. */
export function redOverBlue(width: number, height: number): Promise<Buffer> {
  return pixels(width, height, (_x, y) => (y < height / 2 ? [255, 0, 0] : [0, 0, 255]))
    .png()
    .toBuffer();
}

/** An image from a rule for each pixel, with as many channels as the rule gives. */
export function pixels(width: number, height: number, rule: (x: number, y: number) => number[]): Sharp {
  const values = Array.from({ length: width * height }, (_, i) => rule(i % width, Math.floor(i / width))).flat();
  const channels = (values.length / (width * height)) as 1 | 2 | 3 | 4;
  return sharp(Uint8Array.from(values), { raw: { width, height, channels } });
}

/** Three frames of ten pixels. */
export function animation(): Sharp {
  const frames = Uint8Array.from({ length: 10 * 30 * 3 }, (_, i) => i % 251);
  return sharp(frames, { raw: { width: 10, height: 30, channels: 3, pageHeight: 10 } });
}

/** The colour at a place of an image, as red, green, blue and, when there is transparency, alpha. */
export async function colourAt(file: string | Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const start = (y * info.width + x) * info.channels;
  return [...data.subarray(start, start + info.channels)];
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** A PNG that claims to be this large, and has a few bytes of pixels. */
export function hollowPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const data = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", data),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The same PNG with a chunk more, right behind its header. */
export function withChunk(png: Buffer, type: string, data: Buffer): Buffer {
  const behindHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, behindHeader), pngChunk(type, data), png.subarray(behindHeader)]);
}
