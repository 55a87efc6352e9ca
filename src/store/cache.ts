import Keyv, { KeyvMemoryAdapter } from "keyv";
import { createLRU } from "lru.min";
import type { Cache } from "../world.ts";

const maxEntries = 10_000;

/** Notes in this process's memory, bounded: the least recently used go first. */
export function createCache(): Cache {
  const keyv = new Keyv({ store: new KeyvMemoryAdapter(createLRU({ max: maxEntries })) });
  return {
    get: (key) => keyv.get(key),
    set: async (key, value, ttlMs) => {
      await keyv.set(key, value, ttlMs);
    },
    delete: async (key) => {
      await keyv.delete(key);
    },
  };
}
