import type { Room } from "../context.ts";
import type { Caller, JobView } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { LeaseLost } from "../jobs/attempts.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { cancelUnsent, seizeWithImages } from "../jobs/transitions.ts";
import { noteDeed } from "../policy/audit-log.ts";
import { mayManage } from "../policy/rights.ts";
import { broughtBy, endWithImages } from "../settlement/settle.ts";
import { viewOf, visibleJob } from "./view.ts";

const leaseMs = 60_000;

/**
 * Stops a job of which nothing is under way, and gives its credits back; one that has some of its images already makes
 * no more, and is posted and charged with those. By its owner, or who manages its tenant. What was sent to a service
 * cannot be stopped: none of them has a way to. Throws `job-not-yours`, `too-late-to-cancel`.
 */
export async function cancel(room: Room, id: string, caller: Caller): Promise<JobView> {
  const job = await findJob(room.database.db, id);
  if (!job || !mayCancel(room, job, caller)) {
    await visibleJob(room, id, caller); // who may not even see it hears nothing else
    throw new Refusal("job-not-yours", {});
  }
  if ((await cancelAway(room, job)) || (await settleEarly(room, job))) {
    await noteDeed(room, "cancel", job, caller);
    return now(room, id);
  }
  const view = await now(room, id);
  if (view.state !== "cancelled") throw new Refusal("too-late-to-cancel", {});
  return view;
}

function mayCancel(room: Room, job: Job, caller: Caller): boolean {
  return job.member === caller.member || mayManage(room, caller, job.tenant);
}

async function now(room: Room, id: string): Promise<JobView> {
  const job = await findJob(room.database.db, id);
  if (!job) throw new Refusal("job-unknown", {});
  return viewOf(room, job);
}

async function cancelAway(room: Room, job: Job): Promise<boolean> {
  const { id, member, createdAt, platform } = job;
  const at = room.world.now();
  const cancelled = await room.database.transaction(async (trx) => {
    const [account, taken] = await Promise.all([room.credits.open(trx, member), cancelUnsent(trx, id, at)]);
    if (taken) await room.credits.release(trx, account, holdOf(job));
    return taken !== undefined;
  });
  if (!cancelled) return false;
  room.log.info({ job: id }, "job cancelled");
  room.changes.announce(id);
  room.observer.jobEnded({ platform, state: "cancelled", waitedMs: at - createdAt, charged: 0 });
  return true;
}

async function settleEarly(room: Room, job: Job): Promise<boolean> {
  const { id } = job;
  if ((await broughtBy(room, job)).artifacts.length === 0) return false;
  const lease = { owner: "cancel", leaseUntil: room.world.now() + leaseMs };
  const seized = await room.database.transaction((trx) => seizeWithImages(trx, id, lease));
  if (!seized) return false;
  room.log.info({ job: id }, "job cancelled: it ends with the images that it has");
  await endWithImages(room, seized, undefined).catch((error: unknown) => {
    if (!(error instanceof LeaseLost)) throw error; // pressed again meanwhile: the later press ends it
  });
  room.changes.announce(id);
  room.wake();
  return true;
}
