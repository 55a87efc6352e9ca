import { deflateSync } from "node:zlib";
import { photo, withChunk } from "./samples.ts";

/** Files that somebody might send on purpose. */

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** A WebP of this many empty frames. */
export function manyFrames(frames: number): Buffer {
  const canvas = chunk("VP8X", Buffer.from([2, 0, 0, 0, 9, 0, 0, 9, 0, 0]));
  const header = chunk("ANIM", Buffer.alloc(6));
  const frame = chunk("ANMF", Buffer.alloc(16));
  const body = Buffer.concat([latin1("WEBP"), canvas, header, ...Array<Buffer>(frames).fill(frame)]);
  return chunk("RIFF", body);
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data]);
}

/** A WebP that claims a canvas of this many pixels a side, and has none. */
export function hollowWebp(side: number): Buffer {
  const canvas = Buffer.alloc(10);
  canvas.writeUIntLE(side - 1, 4, 3);
  canvas.writeUIntLE(side - 1, 7, 3);
  return chunk("RIFF", Buffer.concat([latin1("WEBP"), chunk("VP8X", canvas)]));
}

/** A GIF of this many frames which claim `side` pixels a side, and have one. */
export function gif(frames: number, side = 1): Buffer {
  const head = Buffer.concat([latin1("GIF89a"), Buffer.from([0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])]);
  head.writeUInt16LE(side, 6);
  head.writeUInt16LE(side, 8);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x44, 1, 0]);
  frame.writeUInt16LE(side, 5);
  frame.writeUInt16LE(side, 7);
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

/** A JPEG whose header claims this many pixels a side. */
export async function hollowJpeg(side: number): Promise<Buffer> {
  const file = await photo(16, 16).jpeg().toBuffer();
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  file.writeUInt16BE(side, frame + 5);
  file.writeUInt16BE(side, frame + 7);
  return file;
}

/** A PNG whose colour profile is this many bytes of nothing, well compressed. */
export async function profileBomb(bytes: number): Promise<Buffer> {
  const profile = Buffer.concat([latin1("icc\0\0"), deflateSync(Buffer.alloc(bytes))]);
  return withChunk(await photo().png().toBuffer(), "iCCP", profile);
}

/** The file with a few of its bytes changed, cut or doubled; the same for the same seed. */
export function mutated(file: Buffer, seed: number): Buffer {
  let state = seed * 2_654_435_761 + 1;
  const chance = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const copy = Buffer.from(file);
  for (let change = 0; change <= chance(8); change += 1) copy[chance(copy.length)] = chance(256);
  switch (chance(4)) {
    case 0:
      return copy.subarray(0, chance(copy.length));
    case 1: {
      const at = chance(copy.length);
      return Buffer.concat([copy.subarray(0, at), copy.subarray(chance(copy.length))]);
    }
    default:
      return copy;
  }
}
