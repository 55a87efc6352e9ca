import type { Stats } from "node:fs";
import { opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "./object-store.ts";
import { ownerOf } from "./spool-keys.ts";

/** A file to which nothing refers is kept this long: a job may be about to. */
const graceMs = 3_600_000;
/** Looked at, and asked about, at a time. */
const batchSize = 500;

export interface SweepOptions {
  /**
   * Which of these files are still needed: `inputs/…` while a job names one, `results/<attempt>-…` (of which one may
   * end with `-complete`) while a job names it or has an attempt of that id that is not settled yet.
   */
  isReferred(files: readonly string[]): Promise<ReadonlySet<string>>;
  readonly now: number;
}

/** Counts of the files that a sweep kept and removed. */
export interface Swept {
  readonly files: number;
  readonly bytes: number;
  readonly removed: number;
}

interface Found {
  /** Key in the spool. */
  readonly key: string;
  readonly changedAt: number;
  readonly bytes: number;
}

/** Removes the files of the spool in `directory` that nothing needs, and what dead processes left, in bounded memory. */
export async function sweepDisk(directory: string, options: SweepOptions): Promise<Swept> {
  const tally = { files: 0, bytes: 0, removed: 0 };
  for (const room of ["inputs", "results", "fitted"]) {
    for await (const batch of batches(filesIn(directory, room))) {
      const useless = await uselessOf(batch, options);
      for (const found of batch) {
        const gone = useless.has(found) && (await removeUnchanged(join(directory, found.key), found));
        if (gone) tally.removed += 1;
        else [tally.files, tally.bytes] = [tally.files + 1, tally.bytes + found.bytes];
      }
    }
  }
  tally.removed += await sweepScratch(join(directory, "scratch"), options.now - graceMs);
  return tally;
}

/** The same for the storage that many machines share. */
export async function sweepStore(store: ObjectStore, options: SweepOptions): Promise<number> {
  let removed = 0;
  for await (const batch of batches(store.list(""))) {
    for (const { key } of await uselessOf(batch, options)) {
      await store.delete(key);
      removed += 1;
    }
  }
  return removed;
}

/** Counts the files that the spool holds, and their bytes. */
export async function measureDisk(directory: string): Promise<Pick<Swept, "files" | "bytes">> {
  const tally = { files: 0, bytes: 0 };
  for (const room of ["inputs", "results", "fitted"]) {
    for await (const { bytes } of filesIn(directory, room)) {
      [tally.files, tally.bytes] = [tally.files + 1, tally.bytes + bytes];
    }
  }
  return tally;
}

/** Old, and either a part that nobody writes any more, or known and needed by nobody. Strangers' files stay. */
async function uselessOf(batch: readonly Found[], { isReferred, now }: SweepOptions): Promise<Set<Found>> {
  const old = batch.filter(({ changedAt }) => changedAt < now - graceMs);
  const owners = [...new Set(old.flatMap(({ key }) => ownerOf(key) ?? []))];
  const referred = owners.length === 0 ? new Set<string>() : await isReferred(owners);
  const isUseless = ({ key }: Found) => {
    const owner = ownerOf(key);
    return owner === undefined ? /^results\/[^/]+\.part$/.test(key) : !referred.has(owner);
  };
  return new Set(old.filter(isUseless));
}

/** Somebody may have brought the same image again since it was looked at: then its file is new. */
async function removeUnchanged(path: string, { changedAt }: Found): Promise<boolean> {
  const file = await statOf(path);
  if (!file || file.mtimeMs !== changedAt) return file === undefined;
  await rm(path, { force: true }); // another process may sweep the same disk
  return true;
}

async function* filesIn(directory: string, room: string): AsyncGenerator<Found> {
  for await (const { name } of await opendir(join(directory, room), { bufferSize: 256 })) {
    const file = await statOf(join(directory, room, name));
    if (file?.isFile()) yield { key: `${room}/${name}`, changedAt: file.mtimeMs, bytes: file.size };
  }
}

async function sweepScratch(scratch: string, before: number): Promise<number> {
  let removed = 0;
  for await (const { name } of await opendir(scratch)) {
    const found = await statOf(join(scratch, name));
    if (!name.startsWith("work-") || !found || found.mtimeMs >= before) continue;
    await rm(join(scratch, name), { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function* batches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
