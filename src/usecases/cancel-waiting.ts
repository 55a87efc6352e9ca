import type { Context } from "../context.ts";
import type { Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import { waitingJobs } from "../jobs/waiting.ts";
import { cancel } from "./cancel.ts";

/** Takes every job of a member, or of a tenant, out of the queue; what is under way comes to its end. */
export async function cancelWaiting(context: Context, of: { member: string } | { tenant: string }): Promise<void> {
  for (const job of await waitingJobs(context.database.db, of)) {
    try {
      await cancel(context, job.id, ownerOf(job));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // it was started in the meantime
    }
  }
}

/** Makes the caller as if the job's owner had asked. */
function ownerOf({ id, platform, tenant, member, memberName, locale, replyTarget: place }: Job): Caller {
  return { platform, tenant, member, name: memberName, locale, replyTarget: place, inbound: `cancel:${id}` };
}
