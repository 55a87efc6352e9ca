import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** Bytes that come out in one piece. */
const chunkSize = 64 * 1024;

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize }),
  "x-gzip": () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  br: () => createBrotliDecompress({ chunkSize }),
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
