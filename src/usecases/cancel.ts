import { Refusal } from "../errors.ts";
import { cancelQueued, findJob } from "../jobs/queue.ts";
import type { Room } from "./room.ts";
import type { Caller, JobView } from "./usecases.ts";
import { viewOf, visibleJob } from "./view.ts";

/** Takes the caller's own job out of the queue and gives its credits back. Throws `job-not-yours`, `too-late-to-cancel`. */
export async function cancel(room: Room, id: string, caller: Caller): Promise<JobView> {
  const job = await visibleJob(room, id, caller);
  if (job.member !== caller.member) throw new Refusal("job-not-yours", {});
  const now = room.world.now();
  const cancelled = await room.database.transaction(async (trx) => {
    if (!(await cancelQueued(trx, id, now))) return false;
    await room.credits.release(trx, { job: id, member: job.member, amount: job.held, at: job.createdAt });
    return true;
  });
  const after = await findJob(room.database.db, id);
  if (after?.state !== "cancelled") throw new Refusal("too-late-to-cancel", {});
  if (cancelled) {
    room.log.info({ job: id }, "job cancelled");
    room.changes.announce(id);
    room.observer.jobEnded({ platform: job.platform, state: "cancelled", waitedMs: now - job.createdAt, charged: 0 });
  }
  return viewOf(room, after);
}
