import type { ObjectStore } from "./object-store.ts";

/** A failure that was waited for this long is one of a storage that is away; a quick one holds up nobody. */
const slowMs = 2000;
/** After it nobody waits for the storage again until this has passed. */
const restMs = 15_000;

/**
 * The same storage, of which reads that follow one that failed slowly fail at once for some seconds: a request to a storage that says
 * nothing takes minutes, and a job that waits for it holds a place that another could use.
 */
export function readingFailsFast(
  store: ObjectStore,
  now: () => number = performance.now.bind(performance),
): ObjectStore {
  let failedAt = Number.NEGATIVE_INFINITY;
  function refuseWhileAway(): void {
    if (now() - failedAt < restMs) throw new Error("the shared storage did not answer a moment ago");
  }
  function failed(error: unknown, since: number): never {
    if (now() - since >= slowMs) failedAt = now();
    throw error;
  }
  return {
    ...store,
    async get(key, path) {
      refuseWhileAway();
      const since = now();
      return store.get(key, path).catch((error: unknown) => failed(error, since));
    },
    async *list(prefix) {
      refuseWhileAway();
      const since = now();
      try {
        yield* store.list(prefix);
      } catch (error) {
        failed(error, since);
      }
    },
  };
}
