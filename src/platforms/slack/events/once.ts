import type { Cache } from "../../../world.ts";

/** Slack's last retry comes 5 minutes after the first (docs: Events API). */
const memoryMs = 15 * 60_000;
const remembered = 1000;

/**
 * True the first time that a key is seen, by any process that shares the cache. It only keeps a duplicate event from
 * showing up twice: that no job is made twice is the use cases' promise.
 */
export function firstTime(cache: Cache): (key: string) => Promise<boolean> {
  const here = new Set<string>(); // decides at once between duplicates that arrive together
  return async (key) => {
    if (here.has(key)) return false;
    here.add(key);
    if (here.size > remembered) here.delete(here.keys().next().value ?? "");
    if (await cache.get(`slack:seen:${key}`)) return false;
    await cache.set(`slack:seen:${key}`, true, memoryMs);
    return true;
  };
}
