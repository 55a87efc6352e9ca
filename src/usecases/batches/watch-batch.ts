import type { Context } from "../../context.ts";
import type { BatchView } from "../../contract/usecases.ts";
import { isFinal } from "../../contract/usecases.ts";
import { partsOf } from "../../jobs/batches.ts";
import { findJob } from "../../jobs/queue.ts";
import { batchViewOf } from "../../views/batch-view.ts";

/** Positions move without an announcement, and other processes announce nothing here. */
const lookAgainMs = 3000;

/** The batch now, then whenever it looks different, until all of its parts are final. Ends quietly when `signal` aborts. */
export async function* watchBatch(context: Context, id: string, signal: AbortSignal): AsyncIterable<BatchView> {
  const { database, changes, world } = context;
  const batch = (await findJob(database.db, id))?.batch ?? "";
  const ids = (await partsOf(database.db, batch)).map((job) => job.id);
  let shown = "";
  while (!signal.aborted && ids.length > 0) {
    const round = new AbortController();
    const either = AbortSignal.any([signal, round.signal]);
    // Listening begins before looking: a change in between must not be missed.
    const changed = Promise.race(ids.map((part) => changes.next(part, either)));
    const view = await batchViewOf(context, await partsOf(database.db, batch));
    if (!view) return round.abort();
    const looks = JSON.stringify(view);
    if (looks !== shown) {
      shown = looks;
      yield view;
    }
    if (view.parts.every(({ state }) => isFinal(state))) return round.abort();
    await Promise.race([changed, world.sleep(lookAgainMs, either)]);
    round.abort();
  }
}
