import type { Room } from "../../context.ts";
import type { Caller, JobView } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { eraseJob } from "../../jobs/erase.ts";
import type { Job } from "../../jobs/job.ts";
import { findJob } from "../../jobs/queue.ts";
import { noteDeed } from "../../policy/audit-log.ts";
import { mayManage } from "../../policy/rights.ts";
import { viewOf, visibleJob } from "../view.ts";

/**
 * Deletes what an ended job was made of, and its images; what was paid stays written down. Again changes nothing. Throws
 * `job-unknown`, `job-not-yours`, `job-not-finished`.
 */
export async function remove(room: Room, id: string, caller: Caller): Promise<JobView> {
  const job = await manageableJob(room, id, caller);
  if (!isOwn(room, job, caller)) throw new Refusal("job-not-yours", {});
  const erased = await room.database.transaction((trx) => eraseJob(trx, id, room.world.now()));
  const after = await findJob(room.database.db, id);
  if (after?.erasedAt === undefined) throw new Refusal("job-not-finished", {});
  if (erased) {
    room.log.info({ job: id, by: caller.member }, "content of a job deleted");
    room.changes.announce(id);
    await noteDeed(room, "remove", job, caller);
  }
  return viewOf(room, after);
}

/** A job that the caller may see or manage. Throws `job-unknown`. */
export async function manageableJob(room: Room, id: string, caller: Caller): Promise<Job> {
  const job = await findJob(room.database.db, id);
  return job && isOwn(room, job, caller) ? job : visibleJob(room, id, caller);
}

function isOwn(room: Room, job: Job, caller: Caller): boolean {
  return job.member === caller.member || mayManage(room, caller, job.tenant);
}
