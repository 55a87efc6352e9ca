import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Written } from "./part-file.ts";

/** Gives a synced file its final name, for good: the name itself survives a loss of power. */
export async function settle(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Keeps the names in a directory for good, those of many files at once. */
export interface DirectorySync {
  /** A file has got its name, or lost it. */
  changed(): void;
  /** Resolves once every name is on the disk itself. */
  settled(): Promise<void>;
}

export function directorySync(directory: string): DirectorySync {
  let isChanged = false;
  let last = Promise.resolve();
  return {
    changed() {
      isChanged = true;
    },
    async settled() {
      if (isChanged) {
        isChanged = false;
        last = syncDirectory(directory).catch((error: unknown) => {
          isChanged = true;
          throw error;
        });
      }
      await last; // another one's, which has begun after the change
    },
  };
}

/** Hashes a file from end to end, and syncs it to the disk. */
export async function hashAndSync(path: string): Promise<Written> {
  const handle = await open(path, "r+");
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of handle.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    return { sha256: hash.digest("hex"), bytes };
  } finally {
    await handle.close();
  }
}
