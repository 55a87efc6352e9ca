import { type Cache, type Log, timeOrderedId, type World } from "../../src/world.ts";

export interface TestWorld extends World {
  /** Moves the clock; sleepers whose time has come wake up. */
  advance(ms: number): void;
}

/** A world whose clock stands still until it is moved, with ids in order. */
export function testWorld(startMs = Date.UTC(2026, 10, 20, 12)): TestWorld {
  let now = startMs;
  let ids = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => now,
    id: () => timeOrderedId(now, ids++ % 1_000_000, new Uint8Array(5)),
    secret: (bytes) => `secret-${++ids}-`.padEnd(bytes, "x"),
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const sleeper = {
          until: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        if (ms <= 0 || signal?.aborted) return resolve();
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      });
    },
    checkpoint: () => undefined,
    advance(ms) {
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake();
    },
  };
}

export interface TestLog extends Log {
  readonly lines: { level: string; facts: object; message: string }[];
}

/** Keeps what was logged. */
export function testLog(): TestLog {
  const lines: TestLog["lines"] = [];
  const at = (level: string) => (facts: object, message: string) => void lines.push({ level, facts, message });
  const log: TestLog = {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
  };
  return log;
}

/** A world that does not make anybody wait: whoever sleeps wakes up later by the clock, at once in fact. */
export function impatientWorld(startMs?: number): TestWorld & { readonly slept: number[] } {
  const world = testWorld(startMs);
  const slept: number[] = [];
  return {
    ...world,
    slept,
    async sleep(ms, signal) {
      if (signal?.aborted) return;
      slept.push(ms);
      world.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Keeps everything for ever. */
export function memoryCache(): Cache {
  const notes = new Map<string, unknown>();
  return {
    get: async <Value>(key: string) => notes.get(key) as Value | undefined,
    set: async (key, value) => void notes.set(key, value),
    delete: async (key) => void notes.delete(key),
  };
}
