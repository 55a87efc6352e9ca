import { once } from "node:events";
import type { Readable } from "node:stream";

/** Reads so many bytes of a stream and leaves the rest. Throws when `signal` aborts, or the stream breaks. */
export async function* readExactly(stream: Readable, bytes: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; ) {
    signal?.throwIfAborted();
    const chunk: Buffer | null = stream.read(Math.min(left, stream.readableLength));
    if (chunk && chunk.length > 0) {
      left -= chunk.length;
      yield chunk;
    } else if (stream.readableEnded || stream.destroyed) {
      throw new Error("The stream ended early");
    } else {
      await once(stream, "readable", signal ? { signal } : {});
    }
  }
}
