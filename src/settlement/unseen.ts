import type { Context } from "../context.ts";
import { bookGoodwill } from "../credits/spend.ts";
import { eraseJob } from "../jobs/erase.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { isUnseen, undeliverableToDelivered, unseenJob } from "../jobs/unpaid.ts";
import type { Trx } from "../store/connection.ts";

/**
 * Settles a job that could not be posted, before its images are shown, edited or given out: they are paid for then. Gives
 * the job as it is after that; any other job is left as it is.
 */
export async function payForSeen(context: Context, job: Job): Promise<Job> {
  if (!isUnseen(job)) return job;
  const paid = await context.database.transaction(async (trx) => {
    const account = await context.credits.open(trx, job.member);
    if (!(await undeliverableToDelivered(trx, job.id))) return false;
    await context.credits.capture(trx, account, holdOf(job), job.charged ?? 0);
    return true;
  });
  if (paid) context.log.info({ job: job.id, charged: job.charged }, "images of an undeliverable job seen, and charged");
  return (await findJob(context.database.db, job.id)) ?? job;
}

/** Deletes the content of a job as `eraseJob` does; images that nobody ever saw are given back, and the operator pays. */
export async function eraseSettled(trx: Trx, context: Context, id: string): Promise<boolean> {
  const unseen = await unseenJob(trx, id);
  const account = unseen && (await context.credits.open(trx, unseen.member)); // before the job, as everybody does
  const erased = await eraseJob(trx, id, context.world.now());
  if (!erased || !unseen || !account || (await isSeen(trx, id))) return erased;
  await context.credits.release(trx, account, holdOf(unseen));
  await bookGoodwill(trx, context.world, { job: id, amount: unseen.charged ?? 0, payer: unseen.payer });
  return true;
}

/** It may have been seen while the account was waited for. */
async function isSeen(trx: Trx, id: string): Promise<boolean> {
  const row = await trx.selectFrom("job").select("state").where("id", "=", id).executeTakeFirst();
  return row?.state !== "undeliverable";
}
