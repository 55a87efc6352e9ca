import type { Context } from "../context.ts";
import type { ApprovalView } from "../contract/approvals.ts";
import { type Approval, findApproval } from "../jobs/approvals.ts";
import type { Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { viewOf } from "./job-view.ts";

/** The question whether a job may be made, as approvers see it; undefined when there is none. */
export async function approvalOf(context: Context, id: string): Promise<ApprovalView | undefined> {
  const { db } = context.database;
  const [job, approval] = await Promise.all([findJob(db, id), findApproval(db, id)]);
  return job && approval && approvalViewOf(context, job, approval);
}

/** The prompt of a private job is not shown to others; nor is any prompt longer than it is needed. */
async function approvalViewOf(context: Context, job: Job, approval: Approval): Promise<ApprovalView> {
  const view = await viewOf(context, job);
  const { above, expiresAt, decision, decidedName } = approval;
  const hidden = view.request.private || decision !== undefined;
  const shown = hidden ? { ...view, request: { ...view.request, prompt: "" } } : view;
  return { job: shown, above, expiresAt, decision, by: decidedName || undefined };
}
