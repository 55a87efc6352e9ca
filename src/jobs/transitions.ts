/**
 * The job's states, and every way from one to the next. Each function is one conditional UPDATE inside the caller's
 * transaction; money moves in that same transaction, so that no state and no balance can ever disagree.
 *
 *   queued ----claim----> running ----images received----> delivering ----posted----> delivered
 *     |  ^                 |    |                              |
 *     |  +---requeue-------+    +---no images---> failed       +---nowhere to post---> undeliverable
 *     +---cancel---> cancelled
 *
 * `running` is left only under the fence of the claim (LeaseLost otherwise): a process that was frozen past its lease
 * cannot undo what another decided. A job goes back to `queued` only when it is certain that no paid call was sent.
 */
import type { Change, Credits, Request, Tier } from "../request.ts";
import type { Trx } from "../store/database.ts";
import type { JobRow } from "../store/tables.ts";
import { requireLease } from "./attempts.ts";
import type { Job } from "./job.ts";

/** Images are in the spool: the job waits to be posted, and will be charged `charged`. */
export async function toDelivering(trx: Trx, job: Job, charged: Credits, now: number): Promise<void> {
  await leaveRunning(trx, job, { state: "delivering", charged, finished_at: now });
  await addDelivery(trx, job.id, now);
}

/** No images; the member is told by a delivery. `failure` is the use case's JSON. */
export async function toFailed(trx: Trx, job: Job, failure: string, now: number): Promise<void> {
  await leaveRunning(trx, job, { state: "failed", failure, finished_at: now });
  await addDelivery(trx, job.id, now);
}

/** Another service takes a job over, for no more than was held. */
export interface Rerouted {
  readonly provider: string;
  readonly request: Request;
  readonly unit: Credits;
  readonly tier: Tier | undefined;
  readonly changes: readonly Change[];
}

/** Nothing of it is under way: it may be claimed again from `runAt` on. */
export async function backToQueued(trx: Trx, job: Job, runAt: number, route?: Rerouted): Promise<void> {
  await leaveRunning(trx, job, { state: "queued", run_at: runAt, ...(route ? columnsOf(route) : {}) });
}

function columnsOf({ provider, request, unit, tier, changes }: Rerouted): Partial<JobRow> {
  return { provider, unit, request: JSON.stringify(request), tier: tier ?? null, changes: JSON.stringify(changes) };
}

async function leaveRunning(trx: Trx, job: Job, change: Partial<JobRow>): Promise<void> {
  await requireLease(trx, job);
  await trx
    .updateTable("job")
    .set({ ...change, lease_owner: null, lease_until: null })
    .where("id", "=", job.id)
    .execute();
}

async function addDelivery(trx: Trx, job: string, now: number): Promise<void> {
  await trx
    .insertInto("delivery")
    .values({
      job,
      phase: "pending",
      fence: 0,
      lease_owner: null,
      lease_until: null,
      run_at: now,
      tries: 0,
      route: null,
      message: null,
      confirmed_at: null,
    })
    .execute();
}

/** The end of a job with images; false when it had ended before. */
export async function endDelivering(trx: Trx, id: string, state: "delivered" | "undeliverable"): Promise<boolean> {
  const row = await trx
    .updateTable("job")
    .set({ state })
    .where("id", "=", id)
    .where("state", "=", "delivering")
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}
