import type { Context } from "../../context.ts";
import type { ApprovalView } from "../../contract/approvals.ts";
import type { Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { openApprovals } from "../../jobs/approvals.ts";
import { mayDecide } from "../../policy/approval.ts";
import { rulesOf } from "../../policy/documents.ts";
import { approvalOf } from "../../views/approval-view.ts";

/** As many are shown at once: each has buttons. */
const most = 5;

/** Lists the open questions of the caller's tenant, oldest first, for those who may answer them. */
export async function openHere(context: Context, caller: Caller): Promise<readonly ApprovalView[]> {
  const { db } = context.database;
  const { approval: rule } = await rulesOf(db, caller.tenant);
  if (!mayDecide(context, rule, caller, caller.tenant)) {
    throw new Refusal("approval-not-yours", { approvers: rule?.approvers ?? [] });
  }
  const jobs = await openApprovals(db, caller.tenant, most);
  const views = await Promise.all(jobs.map(({ id }) => approvalOf(context, id)));
  return views.filter((view) => view !== undefined && view.decision === undefined).flatMap((view) => view ?? []);
}
