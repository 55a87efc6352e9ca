import type { Context } from "../../context.ts";
import type { BatchUseCases, BatchView, Caller } from "../../contract/usecases.ts";
import { isFinal } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { partsOf, tellCancelled } from "../../jobs/batches.ts";
import type { Job } from "../../jobs/job.ts";
import { findJob } from "../../jobs/queue.ts";
import { payForSeen } from "../../settlement/unseen.ts";
import { shownBatch, visibleBatch } from "../../views/batch-view.ts";
import { cancel } from "../cancel.ts";
import { messagesOf } from "../history.ts";
import { remove } from "../privacy/remove.ts";
import { watchBatch } from "./watch-batch.ts";

/** Makes everything that may be asked of a batch as a whole. */
export function createBatches(context: Context): BatchUseCases {
  return {
    view: async (id, caller) => {
      const jobs = await visibleBatch(context, id, caller);
      return shownBatch(context, await Promise.all(jobs.map((job) => payForSeen(context, job))));
    },
    watch: (id, signal) => watchBatch(context, id, signal),
    cancel: (id, caller) => cancelBatch(context, id, caller),
    remove: (id, caller) => removeBatch(context, id, caller),
  };
}

/** Cancels part by part: what is sent in the meantime stays. */
async function cancelBatch(context: Context, id: string, caller: Caller): Promise<BatchView> {
  const jobs = await visibleBatch(context, id, caller);
  const cancelled: string[] = [];
  let tooLate: Refusal | undefined;
  for (const { id: part } of jobs.filter(({ state }) => !isFinal(state)).toReversed()) {
    try {
      if ((await cancel(context, part, caller)).state === "cancelled") cancelled.push(part);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "too-late-to-cancel") throw error;
      tooLate = error;
    }
  }
  const [last] = cancelled;
  if (last !== undefined) await tell(context, last);
  const after = await partsOf(context.database.db, jobs[0].batch ?? "");
  const isOver = after.every(({ state }) => state === "cancelled");
  if (last === undefined && !isOver) throw tooLate ?? new Refusal("too-late-to-cancel", {});
  return shownBatch(context, after);
}

/** One of them is enough to have the message of the batch written anew. */
async function tell({ database, world, wake }: Context, job: string): Promise<void> {
  await database.transaction((trx) => tellCancelled(trx, job, world.now()));
  wake();
}

async function removeBatch(context: Context, id: string, caller: Caller): Promise<readonly string[]> {
  const jobs = await visibleBatch(context, id, caller);
  const messages = await messagesOf(context, jobs[0].id, caller);
  await refuseUnfinished(context, jobs);
  for (const job of jobs) await remove(context, job.id, caller);
  return messages;
}

async function refuseUnfinished({ database }: Context, jobs: readonly Job[]): Promise<void> {
  for (const { id } of jobs) {
    const job = await findJob(database.db, id);
    if (job && !isFinal(job.state)) throw new Refusal("job-not-finished", {});
  }
}
