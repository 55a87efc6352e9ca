import { mkdirSync } from "node:fs";
import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pLimit from "p-limit";
import type { Log } from "../../world.ts";
import { hashAndSync, syncDirectory } from "./durable.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Written } from "./part-file.ts";
import { isMarker } from "./spool-keys.ts";

export interface UploadPatience {
  /** How long a job waits for its images to be in the shared storage, before it goes on with what is on this disk. */
  readonly waitMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const usual: UploadPatience = { waitMs: 20_000, firstPauseMs: 500, longestPauseMs: 60_000 };

/**
 * Brings files of the spool to the shared storage. What is to be sent is noted on disk before the file has its name, and
 * tried until it is sent, over restarts too: a storage that is out of reach fails no job and loses no image.
 */
export interface Uploads {
  /** To be called before the file gets its name. */
  note(key: string): Promise<void>;
  /** Begins to send; for ever, if need be. Never throws. `after` must be sent first. */
  send(key: string, written?: Written, after?: readonly string[]): Promise<void>;
  /** Resolves when these are sent, or at once while the storage is known to take nothing. */
  sent(keys: readonly string[]): Promise<void>;
  /** Goes on with what an earlier process left. Never throws. */
  resume(): Promise<void>;
}

export function createUploads(
  directory: string,
  store: ObjectStore,
  log: Log,
  patience: UploadPatience = usual,
): Uploads {
  const marks = new Marks(join(directory, "unsent"));
  const sending = new Map<string, Promise<void>>();
  const inTurn = pLimit(4);
  const outage = createOutage(patience.waitMs);

  async function put(key: string, written: Written | undefined): Promise<void> {
    const path = join(directory, key);
    await access(path);
    await inTurn(async () => store.put(key, path, written ?? (await hashAndSync(path))));
    outage.over();
  }

  async function keepSending(key: string, written: Written | undefined, after: readonly string[]): Promise<void> {
    await Promise.all(after.map((other) => sending.get(other)));
    await tryUntilSent(key, () => put(key, written), log, patience);
    await marks.remove(key);
  }

  const uploads: Uploads = {
    note: (key) => marks.add(key),
    send(key, written, after = []) {
      const before = sending.get(key);
      const under = (async () => {
        await before; // the file was replaced while it was being sent
        await keepSending(key, written, after);
      })().catch((error: unknown) => log.error({ key, err: error }, "an image stays unsent until the next start"));
      sending.set(key, under);
      return under.finally(() => sending.get(key) === under && sending.delete(key));
    },
    async sent(keys) {
      await outage.wait(Promise.all(keys.map((key) => sending.get(key))));
    },
    async resume() {
      const keys = (await marks.keys()).filter((key) => !sending.has(key));
      const images = keys.filter((key) => !isMarker(key));
      for (const key of images) void uploads.send(key);
      for (const key of keys.filter(isMarker)) void uploads.send(key, undefined, imagesMarkedBy(key, images));
    },
  };
  return uploads;
}

/** The images of the attempt that a marker stands for. */
function imagesMarkedBy(marker: string, images: readonly string[]): string[] {
  const start = marker.slice(0, -"complete".length);
  return images.filter((image) => image.startsWith(start));
}

/** The notes on disk of what is to be sent, in a directory of their own. */
class Marks {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  async add(key: string): Promise<void> {
    await writeFile(this.#pathOf(key), "", { mode: 0o600, flush: true });
    await syncDirectory(this.#directory);
  }

  remove(key: string): Promise<void> {
    return rm(this.#pathOf(key), { force: true });
  }

  /** Lists what an earlier process left too; nothing when the directory cannot be read. */
  async keys(): Promise<string[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names.map((name) => name.replace(".", "/"));
  }

  #pathOf(key: string): string {
    return join(this.#directory, key.replace("/", "."));
  }
}

/** Tries until the storage has the file, or the file is gone, with pauses that grow longer. */
async function tryUntilSent(key: string, put: () => Promise<void>, log: Log, patience: UploadPatience): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await put();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // deleted meanwhile, on purpose
      log.error({ key, tries, err: error }, "an image is on this disk only; sending it to the shared storage again");
      const pause = Math.min(patience.longestPauseMs, patience.firstPauseMs * 2 ** tries);
      await delay(pause, undefined, { ref: false });
    }
  }
}

/** Waits for the storage only while it may still answer: what it did not take in time, the next one is not waited for. */
function createOutage(waitMs: number) {
  let away = Promise.withResolvers<void>(); // resolved while the storage is known to take nothing
  let isAway = false;
  return {
    over(): void {
      if (isAway) away = Promise.withResolvers();
      isAway = false;
    },
    async wait(sent: Promise<unknown>): Promise<void> {
      const decided = new AbortController();
      // A timer that keeps the process alive: somebody waits for it, at a start perhaps nobody else does.
      const silence = delay(waitMs, undefined, { signal: decided.signal }).then(
        () => {
          isAway = true;
          away.resolve();
        },
        () => undefined,
      );
      await Promise.race([sent, away.promise, silence]).finally(() => decided.abort());
    },
  };
}
