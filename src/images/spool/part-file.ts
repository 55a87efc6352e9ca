import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { bufferBytes, giveBack, takeBuffer } from "../../flow/buffers.ts";

/** Small writes to a file cost more CPU than decoding the image does: they are gathered, large ones are not copied. */
const largeBytes = 256 * 1024;

export interface Written {
  readonly sha256: string;
  readonly bytes: number;
}

/** A file that is still being written, hashed as it grows. */
export interface PartFile {
  /** The chunk is copied or written when this resolves. Throws once finished or abandoned. */
  write(chunk: Uint8Array): Promise<void>;
  /** Everything is on the disk itself (fsync) and the file is closed. */
  finish(): Promise<Written>;
  /** Closes the file and removes it. */
  abandon(): Promise<void>;
}

/** Creates (or empties) the file at `path`, readable by this user only. */
export async function openPart(path: string): Promise<PartFile> {
  const handle = await open(path, "w", 0o600);
  const hash = createHash("sha256");
  let gathered: Buffer | undefined = takeBuffer();
  let filled = 0;
  let bytes = 0;

  async function toDisk(block: Uint8Array): Promise<void> {
    hash.update(block);
    bytes += block.length;
    for (let done = 0; done < block.length; ) {
      done += (await handle.write(block, done, block.length - done)).bytesWritten;
    }
  }

  async function flush(buffer: Buffer): Promise<void> {
    if (filled === 0) return;
    const block = buffer.subarray(0, filled);
    filled = 0;
    await toDisk(block);
  }

  return {
    async write(chunk) {
      if (!gathered) throw new Error("The part file is closed");
      const large = chunk.length >= largeBytes;
      if (large || filled + chunk.length > bufferBytes) await flush(gathered);
      if (large) return toDisk(chunk);
      gathered.set(chunk, filled);
      filled += chunk.length;
    },
    async finish() {
      const last = gathered;
      if (!last) throw new Error("The part file is closed");
      gathered = undefined;
      await flush(last);
      giveBack(last);
      await handle.sync();
      await handle.close();
      return { sha256: hash.digest("hex"), bytes };
    },
    async abandon() {
      const last = gathered;
      gathered = undefined;
      await handle.close(); // waits for a write under way, which still reads the buffer
      if (last) giveBack(last);
      await rm(path, { force: true });
    },
  };
}
