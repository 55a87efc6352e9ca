import { setImmediate as nextTurn } from "node:timers/promises";
import pLimit from "p-limit";
import type { Context } from "../context.ts";

/** Commands that work with the database at the same time: they leave connections for jobs under way. */
const atOnce = 6;
/** Who takes longer than that waits for a database that says nothing, and keeps nobody out. */
const longestMs = 15_000;

/** One begins with each turn of the event loop at the earliest, so that in a crowd events are read and answered in between. */
export function createAdmission(patienceMs = longestMs): Context["admit"] {
  const limit = pLimit(atOnce);
  return (work) =>
    new Promise((resolve, reject) => {
      void limit(async () => {
        await nextTurn();
        await during(Promise.try(work).then(resolve, reject), patienceMs);
      });
    });
}

/** Resolves when the work has ended, or after so many milliseconds. */
async function during(work: Promise<void>, ms: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms).unref();
  await Promise.race([work, over]);
  clearTimeout(timer);
}
