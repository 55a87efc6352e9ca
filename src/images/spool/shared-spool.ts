import { join } from "node:path";
import { singleFlight } from "../../flow/single-flight.ts";
import type { Log } from "../../world.ts";
import { hashAndSync, settle } from "./durable.ts";
import type { ObjectStore } from "./object-store.ts";
import { readingFailsFast } from "./reading-fails-fast.ts";
import { indexOf, markerKey, resultKey } from "./spool-keys.ts";
import type { UploadPatience } from "./uploads.ts";
import { createUploads, type Uploads } from "./uploads.ts";

/** The part of the spool that reaches other machines; the disk of this one is its cache. */
export interface SharedSpool extends Uploads {
  readonly store: ObjectStore;
  /** Brings a file to this disk; false when the storage has none. Throws when the storage is out of reach. */
  fetch(key: string): Promise<boolean>;
  /** Brings what another machine received for an attempt; true when its whole answer was read. */
  fetchAttempt(attempt: string): Promise<boolean>;
}

interface Deps {
  readonly directory: string;
  readonly log: Log;
  readonly patience?: UploadPatience | undefined;
  exists(path: string): Promise<boolean>;
  withScratch<Result>(work: (directory: string) => Promise<Result>): Promise<Result>;
}

export function createSharedSpool(given: ObjectStore, place: Deps): SharedSpool {
  const { directory, exists } = place;
  const store = readingFailsFast(given);
  const uploads = createUploads(directory, store, place.log, place.patience);
  const fetchOnce = singleFlight<boolean>();

  function fetchNow(key: string): Promise<boolean> {
    return place.withScratch(async (scratch) => {
      const path = join(scratch, "fetched");
      if (!(await store.get(key, path))) return false;
      await hashAndSync(path);
      await settle(path, join(directory, key));
      return true;
    });
  }

  async function fetch(key: string): Promise<boolean> {
    if (await exists(join(directory, key))) return true;
    return fetchOnce(key, () => fetchNow(key));
  }

  return {
    ...uploads,
    store,
    fetch,
    async fetchAttempt(attempt) {
      const indices: number[] = [];
      let complete = false;
      for await (const { key } of store.list(`results/${attempt}-`)) {
        const index = indexOf(attempt, key);
        if (index !== undefined) indices.push(index);
        complete ||= key === markerKey(attempt);
      }
      for (const index of indices) await fetch(resultKey(attempt, index));
      return complete;
    },
  };
}
