import type { Context } from "../context.ts";
import { isFinal, type JobView } from "../contract/usecases.ts";
import { findJob } from "../jobs/queue.ts";
import { viewOf } from "../views/job-view.ts";

/** Positions move without an announcement of the job itself, and other processes announce nothing here. */
const lookAgainMs = 2000;

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
    await Promise.race([changed, context.world.sleep(lookAgainMs, AbortSignal.any([signal, round.signal]))]);
    round.abort();
  }
}
