import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

/** Bytes that come out in one piece. */
const chunkSize = 64 * 1024;

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize }),
  "x-gzip": () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  br: () => createBrotliDecompress({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize }),
};

/** Relays compress and forget to say so: no answer that is plain begins with these bytes. */
const magicNumbers: Readonly<Record<string, string>> = { "1f8b08": "gzip", "28b52f": "zstd" };
const magicLength = 3;

/**
 * The body as it was before it was compressed on its way, piece by piece: whoever reads it sets the bound. Nothing is
 * ever asked for compressed, but some proxies do it all the same, and what comes then may have been paid for.
 */
export function unpacked(body: Readable, encoding: string | string[] | undefined): AsyncIterable<Uint8Array> {
  const unpack = unpackers[String(encoding ?? "").toLowerCase()]?.();
  if (!unpack) return sniffed(body);
  pipeline(body, unpack).catch(() => undefined); // whoever reads `unpack` learns of it
  return unpack;
}

async function* sniffed(body: Readable): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  try {
    for (let isOver = false; !isOver && start.length < magicLength; ) {
      const { done, value } = await chunks.next();
      isOver = done === true;
      if (!isOver) start = start.length === 0 ? Buffer.from(value) : Buffer.concat([start, value]);
    }
    const unpack = unpackers[magicNumbers[start.toString("hex", 0, magicLength)] ?? ""]?.();
    const all = joined(start, chunks);
    if (!unpack) return yield* all;
    pipeline(Readable.from(all), unpack).catch(() => undefined);
    yield* unpack;
  } finally {
    await chunks.return?.();
  }
}

async function* joined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* { [Symbol.asyncIterator]: () => rest };
}
