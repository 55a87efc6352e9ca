import type { Context } from "../context.ts";
import type { Failure } from "../contract/usecases.ts";
import { askedTogether, decideApproval, type NewDecision } from "../jobs/approvals.ts";
import { touchChannelMessages } from "../jobs/channel-messages.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { awaitingToFailed, awaitingToQueued } from "../jobs/transitions.ts";
import type { Trx } from "../store/connection.ts";

/**
 * Ends the wait of a job for approval, with the other parts of its batch: approved, they are queued with the credits that
 * they hold; otherwise they give them back, and their member is told. In one transaction, and once: false when all was
 * decided before.
 */
export async function endApproval(
  context: Context,
  job: Job,
  answer: Omit<NewDecision, "now" | "decision"> & { readonly decision: "approved" | "refused" | "expired" },
): Promise<boolean> {
  const now = context.world.now();
  const ended = await context.database.transaction(async (trx) => {
    const account = await context.credits.open(trx, job.member); // first, as everybody does
    const decided: Job[] = [];
    for (const each of await askedTogether(trx, job)) {
      if (!(await decideApproval(trx, each.id, { ...answer, now }))) continue;
      decided.push(each);
      if (answer.decision === "approved") await queue(trx, each);
      else {
        await fail(trx, each, answer.decision, now);
        await context.credits.release(trx, account, holdOf(each));
      }
    }
    if (decided.length > 0) await touchChannelMessages(trx, "approval", job.batch ?? job.id, now);
    return decided;
  });
  if (ended.length === 0) return false;
  for (const { id, platform, tenant, createdAt } of ended) {
    context.log.info({ job: id, tenant, decision: answer.decision, by: answer.by?.member }, "approval decided");
    if (answer.decision !== "approved")
      context.observer.jobEnded({ platform, state: "failed", waitedMs: now - createdAt, charged: 0 });
    context.changes.announce(id);
  }
  context.wake();
  await context.database.notify().catch(() => undefined); // polling covers a lost notice
  return true;
}

async function queue(trx: Trx, { id }: Job): Promise<void> {
  if (!(await awaitingToQueued(trx, id))) throw new Error(`job ${id} has an open approval and does not wait for it`);
}

async function fail(trx: Trx, { id }: Job, decision: "refused" | "expired", now: number): Promise<void> {
  const outcome = decision === "refused" ? "not-approved" : "approval-expired";
  const failure: Failure = { outcome, reference: id };
  if (!(await awaitingToFailed(trx, id, JSON.stringify(failure), now))) {
    throw new Error(`job ${id} has an open approval and does not wait for it`);
  }
}
