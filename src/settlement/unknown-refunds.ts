import type { Context } from "../context.ts";
import type { Job } from "../jobs/job.ts";
import { unknownSince } from "../jobs/late.ts";

const dayMs = 86_400_000;
/** Of one member in 24 hours; a network is seldom that bad. Nobody is refused or charged for it: the operator is told. */
const remarkable = 5;

/** Tells that a member got credits back for a call that may have been charged, and how often that was so in a day. */
export async function countUnknown(context: Context, job: Job, attempt: string): Promise<void> {
  try {
    const { estimate, refunds } = await unknownSince(context.database.db, attempt, context.world.now() - dayMs);
    context.observer.unknown({ provider: job.provider, estimate, remarkable: refunds > remarkable });
    if (refunds <= remarkable) return;
    const { id, member, tenant, provider } = job;
    context.log.warn(
      { job: id, member, tenant, provider, refunds },
      "many unknown outcomes of one member within a day",
    );
  } catch (error) {
    context.log.warn({ err: error, job: job.id }, "an unknown outcome could not be counted"); // it is booked all the same
  }
}
