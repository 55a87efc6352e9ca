import type { Context } from "../context.ts";
import { LeaseLost } from "../jobs/attempts.ts";
import { CallPaused } from "./call-errors.ts";

/**
 * The database answers, and yet refused this again and again: a bug. Nobody decides about the job on the strength of
 * it: its lease runs out, and recovery goes by what is written and by what is on disk.
 */
export class PersistFailed extends Error {}

const longestPauseMs = 5000;
const maxRefusals = 5;

/**
 * Repeats what the store did not take until it does, however long it is away: between a paid call and the word of its
 * end nothing may get lost. `work` must bear repetition, as nobody knows whether a commit of which no word came back was
 * made. Throws LeaseLost, CallPaused and PersistFailed.
 */
export async function persist<Result>(
  { database, world, log }: Pick<Context, "database" | "world" | "log">,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  let refusals = 0;
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (isNotOfTheStore(error)) throw error;
      if (await database.healthy()) refusals += 1;
      if (refusals >= maxRefusals) throw new PersistFailed(`the store does not take it: ${what}`, { cause: error });
      log.warn({ err: error, what, tries }, "not written down yet; trying again");
      await world.sleep(tries === 0 ? 0 : Math.min(longestPauseMs, 125 * 2 ** tries));
    }
  }
}

function isNotOfTheStore(error: unknown): boolean {
  return error instanceof LeaseLost || error instanceof CallPaused;
}
