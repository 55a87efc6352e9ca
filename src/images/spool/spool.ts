import { constants, mkdirSync } from "node:fs";
import { access, mkdtemp, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageSink } from "../../image.ts";
import type { Log } from "../../world.ts";
import { discardInput } from "./discard-input.ts";
import { type DirectorySync, directorySync, hashAndSync, settle } from "./durable.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Written } from "./part-file.ts";
import { openResultSink } from "./result-sink.ts";
import { createSharedSpool, type SharedSpool } from "./shared-spool.ts";
import { checkedInput, checkedKey, fittedKey, inputKey, markerKey, maxResults, resultKey } from "./spool-keys.ts";
import { measureDisk, type SweepOptions, type Swept, sweepDisk, sweepStore } from "./sweep.ts";
import type { UploadPatience } from "./uploads.ts";

/** Never filled up by images: the database lives on the same disk. */
const reserveBytes = 200_000_000;

/** Image files in one directory of this machine; keys stand for paths, and nobody outside makes up either. */
export interface Spool {
  openResult(attempt: string, index: number): Promise<ImageSink>;
  /** Records that the whole answer was read. With shared storage, waits for its images to be there. */
  finish(attempt: string): Promise<void>;
  /**
   * Lists what was committed for an attempt, here or, with shared storage, anywhere; indices ascend. All of it is here now.
   * The disk is not searched for `known` ones.
   */
  arrived(
    attempt: string,
    known?: readonly number[],
  ): Promise<{ readonly complete: boolean; readonly indices: readonly number[] }>;
  /** SHA-256 of a result, known from its writing or read anew. */
  hashOf(resultFile: string): Promise<string>;
  /** Moves a scratch file to the key made of its own bytes, once `before` has heard of that key. */
  keepInput(
    scratchPath: string,
    before: (file: string) => Promise<void> | undefined,
  ): Promise<Written & { readonly file: string }>;
  /** Removes an input here and in the shared storage, unless it is needed, or becomes so meanwhile. */
  discardInput(file: string, isNeeded: () => Promise<boolean>): Promise<void>;
  /** Where a version of an image made to fit is kept; `version` is made of its hash and limit. */
  fittedPath(file: string, version: string): string;
  /** Moves a scratch file there. */
  keepFitted(scratchPath: string, fittedPath: string): Promise<void>;
  /** A directory for work under way; gone, with all that is in it, when `work` ends. */
  withScratch<Result>(work: (directory: string) => Promise<Result>): Promise<Result>;
  pathOf(file: string): string;
  /** Is the file on this disk? With shared storage, it is brought here first. */
  has(file: string): Promise<boolean>;
  exists(path: string): Promise<boolean>;
  hasSpaceFor(bytes: number): Promise<boolean>;
  sweep(options: SweepOptions): Promise<Swept>;
  size(): Promise<{ readonly files: number; readonly bytes: number }>;
}

/** Storage that other machines share. */
export interface Sharing {
  readonly store: ObjectStore;
  readonly log: Log;
  readonly patience?: UploadPatience | undefined;
}

/** A spool on this disk, and the storage that it shares, if any. */
interface SpoolFolder {
  readonly directory: string;
  readonly shared: SharedSpool | undefined;
  at(key: string): string;
}

export function createSpool(directory: string, sharing?: Sharing): Spool {
  for (const room of ["inputs", "results", "fitted", "scratch"]) {
    mkdirSync(join(directory, room), { recursive: true, mode: 0o700 });
  }
  const at = (key: string) => join(directory, key);
  const withScratch: Spool["withScratch"] = (work) => workInScratch(at("scratch/work-"), work);
  const shared = sharing && createSharedSpool(sharing.store, { ...sharing, directory, exists, withScratch });
  void shared?.resume();
  const folder: SpoolFolder = { directory, shared, at };
  return {
    ...resultsOf(folder),
    keepInput: (path, before) => keepInput(folder, path, before),
    discardInput: (file, isNeeded) => discardInput({ ...folder, withScratch }, checkedInput(file), isNeeded),
    fittedPath: (file, version) => at(fittedKey(file, version)),
    async keepFitted(path, fittedPath) {
      await hashAndSync(path);
      await settle(path, fittedPath);
    },
    withScratch,
    pathOf: (file) => at(checkedKey(file)),
    has: async (file) => (shared ? shared.fetch(checkedKey(file)) : exists(at(checkedKey(file)))),
    exists,
    ...upkeepOf(folder),
  };
}

/** The part of a spool that holds what services sent. */
function resultsOf({
  directory,
  shared,
  at,
}: SpoolFolder): Pick<Spool, "openResult" | "finish" | "arrived" | "hashOf"> {
  const hashes = new Map<string, string>();
  const names = directorySync(join(directory, "results"));
  const results = (attempt: string) => committed((index) => at(resultKey(attempt, index)));
  return {
    async openResult(attempt, index) {
      const key = resultKey(attempt, index);
      return openResultSink(at(key), {
        before: async () => shared?.note(key),
        after: (written) => {
          names.changed();
          hashes.set(key, written.sha256);
          void shared?.send(key, written);
        },
      });
    },
    async finish(attempt) {
      const key = markerKey(attempt);
      await shared?.note(key);
      await mark(at(key), names);
      if (!shared) return;
      const images = (await results(attempt)).map((index) => resultKey(attempt, index));
      void shared.send(key, undefined, images); // last: who sees it must see them
      await shared.sent([...images, key]);
    },
    async arrived(attempt, known) {
      const marker = at(markerKey(attempt));
      let complete = await exists(marker);
      if (!complete && (await shared?.fetchAttempt(attempt))) {
        await mark(marker, names); // all of it is here now
        complete = true;
      }
      await names.settled(); // an answer that broke off is not finished
      const indices = known?.toSorted((a, b) => a - b) ?? (await results(attempt));
      await shared?.sent(indices.map((index) => resultKey(attempt, index)));
      return { complete, indices };
    },
    async hashOf(file) {
      const known = hashes.get(file);
      hashes.delete(file); // asked for once, as a rule; what is kept for ever grows for ever
      return known ?? (await hashAndSync(at(checkedKey(file)))).sha256;
    },
  };
}

/** The part of a spool that measures its disk and clears it up. */
function upkeepOf({ directory, shared }: SpoolFolder): Pick<Spool, "hasSpaceFor" | "sweep" | "size"> {
  let measured: Promise<{ files: number; bytes: number }> | undefined;
  return {
    async hasSpaceFor(bytes) {
      if (!(await isWritable(directory))) return false;
      const disk = await statfs(directory);
      return disk.bavail * disk.bsize >= bytes + reserveBytes;
    },
    async sweep(options) {
      await shared?.resume();
      const swept = await sweepDisk(directory, options);
      measured = Promise.resolve(swept);
      const elsewhere = shared ? await sweepStore(shared.store, options) : 0;
      return { ...swept, removed: swept.removed + elsewhere };
    },
    async size() {
      measured ??= measureDisk(directory);
      const { files, bytes } = await measured;
      return { files, bytes };
    },
  };
}

/** Moves a scratch file to the key of its bytes, and waits for the shared storage to have it, if there is one. */
async function keepInput(
  { shared, at }: SpoolFolder,
  path: string,
  before: (file: string) => Promise<void> | undefined,
): Promise<Written & { readonly file: string }> {
  const written = await hashAndSync(path);
  const file = inputKey(written.sha256);
  await before(file);
  await shared?.note(file);
  await settle(path, at(file));
  if (shared) {
    void shared.send(file, written);
    await shared.sent([file]);
  }
  return { ...written, file };
}

/** Makes a new directory for `work`, and removes it when that ends. */
async function workInScratch<Result>(prefix: string, work: (scratch: string) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(prefix);
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Creates an empty file that survives a loss of power, as do the files that got their names before. */
async function mark(path: string, names: DirectorySync): Promise<void> {
  await writeFile(path, "", { mode: 0o600 });
  names.changed();
  await names.settled();
}

/** A disk that had errors is often mounted anew, for reading only. */
async function isWritable(directory: string): Promise<boolean> {
  return access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function committed(pathOf: (index: number) => string): Promise<number[]> {
  const indices = Array.from({ length: maxResults }, (_, index) => index);
  const there = await Promise.all(indices.map((index) => exists(pathOf(index))));
  return indices.filter((index) => there[index]);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
