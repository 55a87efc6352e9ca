import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";

/** Small writes to a file cost more CPU than decoding the image does: they are gathered, large ones are not copied. */
const slabBytes = 1024 * 1024;
const largeBytes = 256 * 1024;

/** Warm memory is half the cost of fresh memory; as many as there are images arriving at once, as a rule. */
const spareSlabs: Buffer[] = [];
const maxSpareSlabs = 4;

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
  let slab: Buffer | undefined = spareSlabs.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
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
      if (!slab) throw new Error("The part file is closed");
      const large = chunk.length >= largeBytes;
      if (large || filled + chunk.length > slabBytes) await flush(slab);
      if (large) return toDisk(chunk);
      slab.set(chunk, filled);
      filled += chunk.length;
    },
    async finish() {
      const last = slab;
      if (!last) throw new Error("The part file is closed");
      slab = undefined;
      await flush(last);
      giveBack(last);
      await handle.sync();
      await handle.close();
      return { sha256: hash.digest("hex"), bytes };
    },
    async abandon() {
      const last = slab;
      slab = undefined;
      await handle.close(); // waits for a write under way, which still reads the slab
      if (last) giveBack(last);
      await rm(path, { force: true });
    },
  };
}

function giveBack(slab: Buffer): void {
  if (spareSlabs.length < maxSpareSlabs) spareSlabs.push(slab);
}
