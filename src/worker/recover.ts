import type { Context } from "../context.ts";
import { attemptsOf, LeaseLost } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { takeOver } from "../jobs/leases.ts";
import { backToQueued } from "../jobs/transitions.ts";
import { closeCall } from "../settlement/close-call.ts";
import { completeJob, failJob, loadResults } from "../settlement/settle.ts";
import type { AttemptRow } from "../store/tables.ts";

/** A call that an asynchronous service may still finish. */
export interface Resumable {
  readonly job: Job;
  readonly attempt: AttemptRow;
}

/**
 * Brings on the jobs of processes that died. What was provably not sent is queued again; what may have been sent never
 * is: a task of an asynchronous service is followed further (by the caller, whose work that is), images that reached the
 * disk, by this call or by earlier ones, are used, and otherwise the member is told and not charged.
 */
export async function recover(context: Context, claim: { owner: string; leaseUntil: number }): Promise<Resumable[]> {
  const jobs = await takeOver(context.database.db, { ...claim, now: context.world.now() });
  const resumable: Resumable[] = [];
  if (jobs.length > 0) context.world.checkpoint("taken-over");
  for (const job of jobs) {
    try {
      const attempt = await recoverOne(context, job);
      if (attempt) resumable.push({ job, attempt });
    } catch (error) {
      // Lost to yet another process, or the database failed: in both cases its lease brings it back.
      context.log[error instanceof LeaseLost ? "info" : "error"]({ job: job.id, err: error }, "job not recovered");
    }
    context.changes.announce(job.id);
  }
  if (jobs.length > 0) context.world.checkpoint("recovered");
  if (jobs.length > 0) context.wake();
  return resumable;
}

async function recoverOne(context: Context, job: Job): Promise<AttemptRow | undefined> {
  const last = (await attemptsOf(context.database.db, job.id)).at(-1);
  const now = context.world.now();
  if (last?.phase !== "sending") {
    context.log.info({ job: job.id }, "recovered: nothing under way, queued again");
    await context.database.transaction(async (trx) => {
      await backToQueued(trx, job, now);
      if (last?.phase === "intent") {
        const end = { outcome: "not-sent", now, message: "the process died before it was sent" } as const;
        await closeCall(trx, context, job, { attempt: last.id, end, received: nothing });
      }
    });
    return undefined;
  }
  const received = await context.images.received(last.id);
  const canResume = context.router.get(job.provider)?.resume !== undefined;
  if (!received.complete && canResume && (last.reference !== null || last.callback_hash !== null)) return last;
  const end = { now, message: "the process died during the call" };
  if (received.images.length > 0) {
    context.log.info({ job: job.id, attempt: last.id }, "recovered: images found on disk");
    await context.database.transaction(async (trx) => {
      await backToQueued(trx, job, now); // whoever claims it makes what is missing, or settles
      await closeCall(trx, context, job, { attempt: last.id, end: { ...end, outcome: "success" }, received });
    });
    return undefined;
  }
  context.log.warn({ job: job.id, attempt: last.id }, "recovered: outcome unknown, not sent again");
  const lastCall = { attempt: last.id, end: { ...end, outcome: "unknown" }, received } as const;
  if ((await loadResults(context, job)).artifacts.length > 0) await completeJob(context, job, lastCall);
  else await failJob(context, job, { outcome: "unknown", reference: job.id }, lastCall);
  return undefined;
}

const nothing = { complete: false, images: [], damaged: [] };
