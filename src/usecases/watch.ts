import type { Context } from "../context.ts";
import { isFinal, type JobView } from "../contract/usecases.ts";
import { findJob } from "../jobs/queue.ts";
import { viewOf } from "../views/job-view.ts";

/** Positions move without an announcement of the job itself, and other processes announce nothing here. */
const lookAgainMs = 2000;
/** Back in a long queue little changes, and to look costs the more the longer it is: the looks of all who wait stay few. */
const positionsAtFullPace = 4;
const longestPauseMs = 300_000;

function pauseFor({ position = 0 }: JobView): number {
  return Math.min(longestPauseMs, lookAgainMs * Math.max(1, position / positionsAtFullPace));
}

/** The job now, then whenever it looks different, until it is final. Ends quietly when `signal` aborts. */
export async function* watch(context: Context, id: string, signal: AbortSignal): AsyncIterable<JobView> {
  let shown = "";
  while (!signal.aborted) {
    const round = new AbortController();
    // Listening begins before looking: a change in between must not be missed.
    const changed = context.changes.next(id, AbortSignal.any([signal, round.signal]));
    const job = await findJob(context.database.db, id);
    if (!job) return round.abort();
    const view = await viewOf(context, job);
    const looks = JSON.stringify(view);
    if (looks !== shown) {
      shown = looks;
      yield view;
    }
    if (isFinal(view.state)) return round.abort();
    await Promise.race([changed, context.world.sleep(pauseFor(view), AbortSignal.any([signal, round.signal]))]);
    round.abort("over"); // without a reason node makes an error with a stack, for each look
  }
}
