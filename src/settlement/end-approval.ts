import type { Context } from "../context.ts";
import type { Failure } from "../contract/usecases.ts";
import { decideApproval, type NewDecision } from "../jobs/approvals.ts";
import { touchChannelMessages } from "../jobs/channel-messages.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { awaitingToFailed, awaitingToQueued } from "../jobs/transitions.ts";
import type { Trx } from "../store/connection.ts";

/**
 * Ends the wait of a job for approval: approved, it is queued with the credits that it holds; otherwise it gives them back,
 * and its member is told. In one transaction, and once: false when it was decided before.
 */
export async function endApproval(
  context: Context,
  job: Job,
  answer: Omit<NewDecision, "now" | "decision"> & { readonly decision: "approved" | "refused" | "expired" },
): Promise<boolean> {
  const now = context.world.now();
  const ended = await context.database.transaction(async (trx) => {
    const account = await context.credits.open(trx, job.member); // first, as everybody does
    if (!(await decideApproval(trx, job.id, { ...answer, now }))) return false;
    if (answer.decision === "approved") await queue(trx, job);
    else {
      await fail(trx, job, answer.decision, now);
      await context.credits.release(trx, account, holdOf(job));
    }
    await touchChannelMessages(trx, "approval", job.id, now);
    return true;
  });
  if (!ended) return false;
  const { id, platform, tenant, createdAt } = job;
  context.log.info({ job: id, tenant, decision: answer.decision, by: answer.by?.member }, "approval decided");
  if (answer.decision !== "approved")
    context.observer.jobEnded({ platform, state: "failed", waitedMs: now - createdAt, charged: 0 });
  context.changes.announce(id);
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
