import type { Context } from "../context.ts";
import type { ApprovalView } from "../contract/approvals.ts";
import type { JobView } from "../contract/usecases.ts";
import { type Approval, askedTogether, findSharedApproval } from "../jobs/approvals.ts";
import type { Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { viewOf } from "./job-view.ts";

/** The question whether a job may be made, as approvers see it; undefined when there is none. */
export async function approvalOf(context: Context, id: string): Promise<ApprovalView | undefined> {
  const { db } = context.database;
  const job = await findJob(db, id);
  if (!job) return undefined;
  const jobs = await askedTogether(db, job);
  const approval = await findSharedApproval(db, jobs);
  return approval && approvalViewOf(context, { job, jobs, approval });
}

interface Undecided {
  readonly job: Job;
  readonly jobs: readonly Job[];
  readonly approval: Approval;
}

/** The prompt of a private job is not shown to others; nor is any prompt longer than it is needed. */
async function approvalViewOf(context: Context, { job, jobs, approval }: Undecided): Promise<ApprovalView> {
  const view = asOne(await viewOf(context, job), jobs);
  const { above, expiresAt, decision, decidedName } = approval;
  const hidden = view.request.private || decision !== undefined;
  const shown = hidden ? { ...view, request: { ...view.request, prompt: "" } } : view;
  return { job: shown, above, expiresAt, decision, by: decidedName || undefined };
}

/** A batch as if it were one job: its prompt as it was written, and what is left of it in all. */
function asOne(view: JobView, jobs: readonly Job[]): JobView {
  const { batch } = view.request;
  if (!batch) return view;
  const left = jobs.filter(({ state }) => state !== "cancelled");
  const sum = (of: (job: Job) => number) => left.reduce((total, job) => total + of(job), 0);
  const providers = [...new Set(left.map(({ provider }) => provider))];
  return {
    ...view,
    held: sum(({ held }) => held),
    provider: providers.join(", "),
    request: { ...view.request, prompt: batch.written, count: sum(({ request }) => request.count) },
  };
}
