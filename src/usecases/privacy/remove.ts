import type { Context } from "../../context.ts";
import type { Caller, JobView } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { Job } from "../../jobs/job.ts";
import { findJob } from "../../jobs/queue.ts";
import { recordAudit } from "../../policy/audit-log.ts";
import { mayManage } from "../../policy/rights.ts";
import { eraseSettled } from "../../settlement/unseen.ts";
import { deleteReferencesTo } from "../../store/named-references.ts";
import { viewOf, visibleJob } from "../../views/job-view.ts";

/**
 * Deletes what an ended job was made of, and its images; what was paid stays written down. Again changes nothing. Throws
 * `job-unknown`, `job-not-yours`, `job-not-finished`.
 */
export async function remove(context: Context, id: string, caller: Caller): Promise<JobView> {
  const job = await manageableJob(context, id, caller);
  if (!isOwn(context, job, caller)) throw new Refusal("job-not-yours", {});
  const erased = await context.database.transaction(async (trx) => {
    const erasedNow = await eraseSettled(trx, context, id);
    if (erasedNow || job.erasedAt !== undefined) await deleteReferencesTo(trx, id);
    return erasedNow;
  });
  const after = await findJob(context.database.db, id);
  if (after?.erasedAt === undefined) throw new Refusal("job-not-finished", {});
  if (erased) {
    context.log.info({ job: id, by: caller.member }, "content of a job deleted");
    context.changes.announce(id);
    await recordAudit(context, "remove", job, caller);
  }
  return viewOf(context, after);
}

/** A job that the caller may see or manage. Throws `job-unknown`. */
export async function manageableJob(context: Context, id: string, caller: Caller): Promise<Job> {
  const job = await findJob(context.database.db, id);
  return job && isOwn(context, job, caller) ? job : visibleJob(context, id, caller);
}

function isOwn(context: Context, job: Job, caller: Caller): boolean {
  return job.member === caller.member || mayManage(context, caller, job.tenant);
}
