import type { Context } from "../../context.ts";
import type { ApprovalView } from "../../contract/approvals.ts";
import type { Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { type Approval, askedTogether, findSharedApproval } from "../../jobs/approvals.ts";
import type { Job } from "../../jobs/job.ts";
import { findJob } from "../../jobs/queue.ts";
import { requireAllowedTenant } from "../../policy/allowed-tenants.ts";
import { mayDecide } from "../../policy/approval.ts";
import { audited } from "../../policy/audit-log.ts";
import { operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, mayManage } from "../../policy/rights.ts";
import { endApproval } from "../../settlement/end-approval.ts";
import { approvalOf } from "../../views/approval-view.ts";

/** Answers the question whether a job may be made; see ApprovalUseCases.decide. */
export async function decide(context: Context, id: string, approves: boolean, caller: Caller): Promise<ApprovalView> {
  requireAllowedTenant(context, caller);
  const { job, approval } = await askedHere(context, id, caller);
  await requireApprover(context, job, caller);
  const decision = approves ? "approved" : "refused";
  if (approval.decision === undefined) {
    if (approves) await refuseBlocked(context, job);
    const isLate = context.world.now() >= approval.expiresAt;
    const by = { member: caller.member, name: caller.name };
    const ended = await endApproval(context, job, isLate ? { decision: "expired" } : { decision, by });
    if (ended && !isLate) {
      await audited(context, { name: approves ? "approve" : "refuse", subject: id, caller }, async () => ({
        member: job.member,
        credits: job.held,
      }));
      return viewNow(context, id);
    }
  }
  return refuseUnlessSame(context, id, { decision, caller });
}

async function askedHere(context: Context, id: string, caller: Caller): Promise<{ job: Job; approval: Approval }> {
  const { db } = context.database;
  const job = await findJob(db, id);
  const approval = job && (await sharedApproval(context, job));
  if (!job || !approval || (job.tenant !== caller.tenant && !isOperator(context, caller))) {
    throw new Refusal("approval-unknown", {});
  }
  return { job, approval };
}

async function sharedApproval({ database: { db } }: Context, job: Job): Promise<Approval | undefined> {
  return findSharedApproval(db, await askedTogether(db, job));
}

/** Nobody approves what they ordered themselves, but those who manage the tenant, where it lets them. */
async function requireApprover(context: Context, { tenant, member }: Job, caller: Caller): Promise<void> {
  const { approval: rule } = await rulesOf(context.database.db, tenant);
  if (!mayDecide(context, rule, caller, tenant)) {
    throw new Refusal("approval-not-yours", { approvers: rule?.approvers ?? [] });
  }
  if (member !== caller.member) return;
  if (!(rule?.own && mayManage(context, caller, tenant))) throw new Refusal("approval-own", {});
}

async function refuseBlocked({ database }: Context, { member, tenant }: Job): Promise<void> {
  const [operator, rules] = await Promise.all([operatorSettingsOf(database.db), rulesOf(database.db, tenant)]);
  const isBlocked = [...operator.blockedMembers, ...rules.blockedMembers].includes(member);
  if (isBlocked) throw new Refusal("approval-blocked", {});
}

/** The same press may arrive twice. */
async function refuseUnlessSame(
  context: Context,
  id: string,
  { decision, caller }: { readonly decision: "approved" | "refused"; readonly caller: Caller },
): Promise<ApprovalView> {
  const job = await findJob(context.database.db, id);
  const approval = job && (await sharedApproval(context, job));
  if (approval?.decision === decision && approval.decidedBy === caller.member) return viewNow(context, id);
  throw new Refusal("approval-decided", {
    decision: approval?.decision ?? "expired",
    by: approval?.decidedName || undefined,
  });
}

async function viewNow(context: Context, id: string): Promise<ApprovalView> {
  const view = await approvalOf(context, id);
  if (!view) throw new Refusal("approval-unknown", {});
  return view;
}
