import { randomBytes } from "node:crypto";
import type { FailPoint } from "./fail-point.ts";

/** Whatever differs between two runs of the same program: clock, ids, chance. Tests bring their own. */
export interface World {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** A new id, unique everywhere, sorting by creation time; 0-9 and a-v only. */
  id(): string;
  /** Unguessable text from `bytes` random bytes, URL-safe. */
  secret(bytes: number): string;
  /** Resolves after `ms` (24 days at most), or at once (without throwing) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Says how far the work has come. Nothing happens, except in tests of what happens when a process dies there. */
  checkpoint(point: FailPoint): void;
}

/** The part of pino's logger that rooms may use; they receive it, they never make it. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(facts: Record<string, unknown>): Log;
}

/** Notes that may vanish at any time: never money, never what makes a request unique. */
export interface Cache {
  get<Value>(key: string): Promise<Value | undefined>;
  set<Value>(key: string, value: Value, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Node fires a timer of more than this at once. */
const longestTimerMs = 2 ** 31 - 1;

/** `now` is the machine's clock unless given. */
export function realWorld(now: () => number = Date.now): World {
  let lastMs = 0;
  let counter = 0;
  return {
    now,
    id() {
      const ms = Math.max(now(), lastMs); // a clock set back must not reorder ids
      counter = ms === lastMs ? counter + 1 : 0;
      lastMs = ms;
      return timeOrderedId(ms, counter, randomBytes(5));
    },
    secret: (bytes) => randomBytes(bytes).toString("base64url"),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(end, Math.min(ms, longestTimerMs));
        function end() {
          clearTimeout(timer);
          signal?.removeEventListener("abort", end);
          resolve();
        }
        signal?.addEventListener("abort", end, { once: true });
      }),
    checkpoint: () => undefined,
  };
}

/** 10 characters of time, 4 of counter, 8 of chance: text order is creation order. */
export function timeOrderedId(ms: number, counter: number, chance: Uint8Array): string {
  const tail = BigInt(`0x${Buffer.from(chance).toString("hex")}`)
    .toString(32)
    .padStart(8, "0");
  return ms.toString(32).padStart(10, "0") + counter.toString(32).padStart(4, "0") + tail;
}
