import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body as it was before it was compressed on its way, piece by piece: whoever reads it sets the bound. Nothing is
 * ever asked for compressed, but some proxies do it all the same, and what comes then may have been paid for.
 */
export function unpacked(body: Readable, encoding: string | string[] | undefined): AsyncIterable<Uint8Array> {
  const unpack = unpackers[String(encoding ?? "").toLowerCase()]?.();
  if (!unpack) return body;
  pipeline(body, unpack).catch(() => undefined); // whoever reads `unpack` learns of it
  return unpack;
}
