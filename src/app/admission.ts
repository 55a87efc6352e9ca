import { setImmediate as nextTurn } from "node:timers/promises";
import pLimit from "p-limit";
import type { Context } from "../context.ts";

/** Commands that work with the database at the same time: they leave connections for jobs under way. */
const atOnce = 6;

/** One begins with each turn of the event loop at the earliest, so that in a crowd events are read and answered in between. */
export function createAdmission(): Context["admit"] {
  const limit = pLimit(atOnce);
  return (work) =>
    limit(async () => {
      await nextTurn();
      return work();
    });
}
