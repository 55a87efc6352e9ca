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
  const marks = join(directory, "unsent");
  mkdirSync(marks, { recursive: true, mode: 0o700 });
  const markOf = (key: string) => join(marks, key.replace("/", "."));
  const sending = new Map<string, Promise<void>>();
  const inTurn = pLimit(4);
  const outage = createOutage(patience.waitMs);

  async function put(key: string, written: Written | undefined): Promise<void> {
    const path = join(directory, key);
    await access(path);
    await inTurn(async () => store.put(key, path, written ?? (await hashAndSync(path))));
  }

  async function keepSending(key: string, written: Written | undefined, after: readonly string[]): Promise<void> {
    await Promise.all(after.map((other) => sending.get(other)));
    for (let tries = 0; ; tries += 1) {
      try {
        await put(key, written);
        outage.over();
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") break; // deleted meanwhile, on purpose
        log.error({ key, tries, err: error }, "an image is on this disk only; sending it to the shared storage again");
        const pause = Math.min(patience.longestPauseMs, patience.firstPauseMs * 2 ** tries);
        await delay(pause, undefined, { ref: false });
      }
    }
    await rm(markOf(key), { force: true });
  }

  const uploads: Uploads = {
    async note(key) {
      await writeFile(markOf(key), "", { mode: 0o600, flush: true });
      await syncDirectory(marks);
    },
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
      const names = await readdir(marks).catch(() => []);
      const keys = names.map((name) => name.replace(".", "/")).filter((key) => !sending.has(key));
      const images = keys.filter((key) => !isMarker(key));
      for (const key of images) void uploads.send(key);
      for (const key of keys.filter(isMarker)) {
        const start = key.slice(0, -"complete".length);
        void uploads.send(
          key,
          undefined,
          images.filter((image) => image.startsWith(start)),
        );
      }
    },
  };
  return uploads;
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
