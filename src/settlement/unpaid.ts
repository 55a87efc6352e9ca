import type { Context } from "../context.ts";
import { Refusal } from "../errors.ts";
import type { NewJob } from "../jobs/job.ts";
import { unknownSince } from "../jobs/late.ts";
import { countUnpaid } from "../jobs/unpaid.ts";
import type { Trx } from "../store/connection.ts";

const dayMs = 86_400_000;

/** Refuses a member who has too many unpaid jobs within 24 hours; the account is locked by the caller. Throws `too-many-unpaid`. */
export async function refuseUnpaid(context: Context, trx: Trx, { member, tenant }: NewJob): Promise<void> {
  const limit = context.unpaidPerMember;
  const unpaid = await countUnpaid(trx, member, context.world.now() - dayMs);
  if (unpaid < limit) return;
  context.log.warn({ member, tenant, unpaid }, "member refused: too many unpaid jobs within a day");
  context.observer.refusedUnpaid?.();
  throw new Refusal("too-many-unpaid", { limit });
}

/** Tells the operator of a job that nobody paid for, and whether its member has as many as anybody may have in a day. */
export async function countUnpaidResult(
  context: Context,
  { id, member, tenant, provider }: NewJob,
  reason: "undeliverable" | "late" | "unknown",
): Promise<void> {
  context.observer.unpaid?.({ reason });
  try {
    const unpaid = await countUnpaid(context.database.db, member, context.world.now() - dayMs);
    if (unpaid < context.unpaidPerMember) return;
    context.log.warn(
      { job: id, member, tenant, provider, reason, unpaid },
      "many unpaid jobs of one member within a day",
    );
  } catch (error) {
    context.log.warn({ err: error, job: id }, "an unpaid job could not be counted"); // it is written down all the same
  }
}

const remarkable = 5;

/** Tells that a member got credits back for a call that may have been charged, and how often that was so in a day. */
export async function countUnknown(context: Context, job: NewJob, attempt: string): Promise<void> {
  await countUnpaidResult(context, job, "unknown");
  try {
    const { estimate, refunds } = await unknownSince(context.database.db, attempt, context.world.now() - dayMs);
    if (job.payer !== "tenant")
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
