import type { Context } from "../context.ts";
import type { Caller, JobView } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { LeaseLost } from "../jobs/attempts.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { cancelUnsent, seizeWithImages } from "../jobs/transitions.ts";
import { recordAudit } from "../policy/audit-log.ts";
import { mayManage } from "../policy/rights.ts";
import { completeJob, loadResults } from "../settlement/settle.ts";
import { viewOf, visibleJob } from "../views/job-view.ts";

const leaseMs = 60_000;

/**
 * Stops a job of which nothing is under way, and gives its credits back; one that has some of its images already makes
 * no more, and is posted and charged with those. By its owner, or who manages its tenant. What was sent to a service
 * cannot be stopped: none of them has a way to. Throws `job-not-yours`, `too-late-to-cancel`.
 */
export async function cancel(context: Context, id: string, caller: Caller): Promise<JobView> {
  const job = await findJob(context.database.db, id);
  if (!job || !mayCancel(context, job, caller)) {
    await visibleJob(context, id, caller); // who may not even see it hears nothing else
    throw new Refusal("job-not-yours", {});
  }
  if ((await cancelAway(context, job)) || (await settleEarly(context, job))) {
    await recordAudit(context, "cancel", job, caller);
    return now(context, id);
  }
  const view = await now(context, id);
  if (view.state !== "cancelled") throw new Refusal("too-late-to-cancel", {});
  return view;
}

function mayCancel(context: Context, job: Job, caller: Caller): boolean {
  return job.member === caller.member || mayManage(context, caller, job.tenant);
}

async function now(context: Context, id: string): Promise<JobView> {
  const job = await findJob(context.database.db, id);
  if (!job) throw new Refusal("job-unknown", {});
  return viewOf(context, job);
}

async function cancelAway(context: Context, job: Job): Promise<boolean> {
  const { id, member, createdAt, platform } = job;
  const at = context.world.now();
  const cancelled = await context.database.transaction(async (trx) => {
    const [account, taken] = await Promise.all([
      context.credits.open(trx, member),
      cancelUnsent(trx, id, { now: at, ...queueOf(context) }),
    ]);
    if (taken) await context.credits.release(trx, account, holdOf(job));
    return taken !== undefined;
  });
  if (!cancelled) return false;
  context.log.info({ job: id }, "job cancelled");
  context.changes.announce(id);
  context.wake(); // the question to those who would approve it shows that it was taken back
  context.observer.jobEnded({ platform, state: "cancelled", waitedMs: at - createdAt, charged: 0 });
  return true;
}

const queueOf = ({ database: { engine }, runningPerMember: ready }: Context) => ({ engine, ready });

async function settleEarly(context: Context, job: Job): Promise<boolean> {
  const { id } = job;
  if ((await loadResults(context, job)).artifacts.length === 0) return false;
  const lease = { owner: "cancel", leaseUntil: context.world.now() + leaseMs, ...queueOf(context) };
  const seized = await context.database.transaction((trx) => seizeWithImages(trx, id, lease));
  if (!seized) return false;
  context.log.info({ job: id }, "job cancelled: it ends with the images that it has");
  await completeJob(context, seized, undefined).catch((error: unknown) => {
    if (!(error instanceof LeaseLost)) throw error; // pressed again meanwhile: the later press ends it
  });
  context.changes.announce(id);
  context.wake();
  return true;
}
