import { mkdirSync } from "node:fs";
import { mkdtemp, rm, stat, statfs, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { ImageSink } from "../image.ts";
import { hashAndSync, settle, syncDirectory } from "./durable.ts";
import type { Written } from "./part-file.ts";
import { openPart } from "./part-file.ts";
import { checkedKey, inputKey, markerKey, maxResults, resultKey } from "./spool-keys.ts";

/** Never filled up by images: the database lives on the same disk. */
const reserveBytes = 200_000_000;

/** Image files in one directory of this machine; keys stand for paths, and nobody outside makes up either. */
export interface Spool {
  openResult(attempt: string, index: number): Promise<ImageSink>;
  finish(attempt: string): Promise<void>;
  isFinished(attempt: string): Promise<boolean>;
  /** Indices of the committed results of an attempt, ascending. */
  results(attempt: string): Promise<number[]>;
  /** SHA-256 of a result, known from its writing or read anew. */
  hashOf(resultFile: string): Promise<string>;
  /** Moves a scratch file to the key made of its own bytes. */
  keepInput(scratchPath: string): Promise<Written & { readonly file: string }>;
  /** Where a version of an image made to fit is kept; `name` is made of its hash and limit. */
  fittedPath(name: string): string;
  keepFitted(scratchPath: string, name: string): Promise<void>;
  /** A directory for work under way; gone, with all that is in it, when `work` ends. */
  withScratch<Result>(work: (directory: string) => Promise<Result>): Promise<Result>;
  pathOf(file: string): string;
  exists(path: string): Promise<boolean>;
  hasRoom(bytes: number): Promise<boolean>;
}

export function createSpool(directory: string): Spool {
  for (const room of ["inputs", "results", "fitted", "scratch"]) {
    mkdirSync(join(directory, room), { recursive: true, mode: 0o700 });
  }
  const hashes = new Map<string, string>();
  const at = (key: string) => join(directory, key);
  const fittedPath = (name: string) => {
    if (!/^[0-9a-z-]{1,120}$/.test(name)) throw new Error(`Not a name: ${JSON.stringify(name)}`);
    return at(`fitted/${name}`);
  };

  return {
    async openResult(attempt, index) {
      const key = resultKey(attempt, index);
      return openSink(at(key), ({ sha256 }) => hashes.set(key, sha256));
    },
    async finish(attempt) {
      const path = at(markerKey(attempt));
      await writeFile(path, "", { mode: 0o600, flush: true });
      await syncDirectory(dirname(path));
    },
    isFinished: (attempt) => exists(at(markerKey(attempt))),
    results: (attempt) => committed((index) => at(resultKey(attempt, index))),
    async hashOf(file) {
      const known = hashes.get(file);
      hashes.delete(file); // asked for once, as a rule; what is kept for ever grows for ever
      return known ?? (await hashAndSync(at(checkedKey(file)))).sha256;
    },
    async keepInput(path) {
      const written = await hashAndSync(path);
      const file = inputKey(written.sha256);
      await settle(path, at(file));
      return { ...written, file };
    },
    fittedPath,
    async keepFitted(path, name) {
      await hashAndSync(path);
      await settle(path, fittedPath(name));
    },
    async withScratch(work) {
      const scratch = await mkdtemp(at("scratch/work-"));
      try {
        return await work(scratch);
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
    pathOf: (file) => at(checkedKey(file)),
    exists,
    async hasRoom(bytes) {
      const disk = await statfs(directory);
      return disk.bavail * disk.bsize >= bytes + reserveBytes;
    },
  };
}

let opened = 0;

/** Nobody else's name, not even that of a process in another container on the same disk. */
function partPathOf(path: string): string {
  opened += 1;
  return `${path}.${hostname()}-${process.pid}-${opened}.part`;
}

async function openSink(path: string, onCommit: (written: Written) => void): Promise<ImageSink> {
  // A name of its own: a process that lost its lease may still be writing the same image.
  const partPath = partPathOf(path);
  const part = await openPart(partPath);
  let committing: Promise<void> | undefined;
  let discarded = false;

  async function commit(): Promise<void> {
    if (discarded) throw new Error("The image was discarded");
    const written = await part.finish();
    await settle(partPath, path);
    onCommit(written);
  }

  return {
    write: (chunk) => part.write(chunk),
    commit() {
      committing ??= commit();
      return committing;
    },
    async discard() {
      const committed = await committing?.then(
        () => true,
        () => false,
      );
      if (committed || discarded) return;
      discarded = true;
      await part.abandon();
    },
  };
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
