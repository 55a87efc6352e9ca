import type { Context } from "../context.ts";
import type { ApprovalRule, TenantRules } from "../contract/settings.ts";
import type { Caller } from "../contract/usecases.ts";
import { spentUnapproved } from "../jobs/approvals.ts";
import type { Credits } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import { mayManage } from "./rights.ts";
import { isRole } from "./rules.ts";

/** An order that is cut into pieces is asked about as if it were whole: pieces within this time are counted together. */
const together = 3_600_000;
/** Nobody needs to answer later than this. */
export const approvalMs = 86_400_000;

/** An order as far as its approval needs to know it. */
export interface ApprovedOrder {
  readonly member: string;
  readonly tenant: string;
  readonly held: Credits;
  readonly createdAt: number;
}

/** The rule that an order needs approval by; undefined where it needs none. The member's account is locked by the caller. */
export async function approvalNeeded(
  trx: Trx,
  { approval }: Pick<TenantRules, "approval">,
  { member, tenant, held, createdAt }: ApprovedOrder,
): Promise<ApprovalRule | undefined> {
  if (!approval || held === 0) return undefined;
  if (held > approval.above) return approval;
  const spent = await spentUnapproved(trx, { member, tenant, since: createdAt - together });
  return spent + held > approval.above ? approval : undefined;
}

/** May the caller answer questions of this tenant? Roles and rights are those that the platform vouches for now. */
export function mayDecide(
  context: Pick<Context, "operators">,
  rule: ApprovalRule | undefined,
  caller: Caller,
  tenant: string,
): boolean {
  if (mayManage(context, caller, tenant)) return true;
  if (caller.tenant !== tenant) return false;
  const { approvers = [] } = rule ?? {};
  return approvers.some((key) => key === caller.member || (caller.roles ?? []).some((role) => isRole(role, key)));
}
