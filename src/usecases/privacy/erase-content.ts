import type { Context } from "../../context.ts";
import { type Erasable, erasableJobs } from "../../jobs/erase.ts";

import { eraseSettled } from "../../settlement/unseen.ts";

/** Erased as one. */
const together = 100;

/** Deletes the content of every job that is final, posted, and as described; returns how many those were. */
export async function eraseContent(context: Context, which: Omit<Erasable, "now" | "limit">): Promise<number> {
  const now = context.world.now();
  let erased = 0;
  for (;;) {
    const jobs = await erasableJobs(context.database.db, { ...which, now, limit: together });
    if (jobs.length === 0) return erased;
    const done = await context.database.transaction(async (trx) => {
      let gone = 0;
      for (const job of jobs) if (await eraseSettled(trx, context, job)) gone += 1;
      return gone;
    });
    erased += done;
    for (const job of jobs) context.changes.announce(job);
    if (done === 0) return erased; // somebody else does the same
  }
}
