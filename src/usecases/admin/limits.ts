import type { Context } from "../../context.ts";
import type { LimitChange, UsageReport } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { startOfMonth } from "../../credits/days.ts";
import { spentSince } from "../../credits/limits.ts";
import { audited } from "../../policy/audit-log.ts";
import { checkAmount, maxLimit, unknownSetting } from "../../policy/check-settings.ts";
import { changeOperatorSettings, changeTenantRules, operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, requireAdmin, requireOperator } from "../../policy/rights.ts";
import { strictest } from "../../policy/rules.ts";
import type { Credits } from "../../request.ts";
import { maxGrant } from "./grant.ts";
import { requireMember } from "./known-member.ts";

/** Sets how much each member may spend here in a day or, by an operator, how much one member may everywhere. */
export async function limit(context: Context, { member, daily }: LimitChange, caller: Caller): Promise<void> {
  if (member === undefined) requireAdmin(context, caller);
  else requireOperator(context, caller);
  if (daily !== null) checkAmount(daily, 0, maxLimit);
  if (member !== undefined) await requireMember(context, member);
  const now = context.world.now();
  await audited(context, { name: "limit", subject: member ?? caller.tenant, caller }, async (trx) => {
    if (member === undefined) {
      await changeTenantRules(trx, now, caller.tenant, () => ({ memberDaily: daily ?? undefined }));
    } else {
      await changeOperatorSettings(trx, now, (before) => ({
        ...before,
        memberDaily: changed(before.memberDaily, member, daily),
      }));
    }
    return { daily };
  });
}

/** Sets how much all may spend here in a month: operators set the hard limit, others one that is no higher. */
export async function budget(context: Context, monthly: Credits | null, caller: Caller): Promise<UsageReport["month"]> {
  requireAdmin(context, caller);
  const { tenant } = caller;
  const hard = isOperator(context, caller) ? undefined : await hardLimit(context, tenant);
  if (monthly !== null) checkAmount(monthly, 0, hard ?? maxLimit);
  const now = context.world.now();
  await audited(context, { name: "budget", subject: tenant, caller }, async (trx) => {
    if (!isOperator(context, caller)) {
      await changeTenantRules(trx, now, tenant, () => ({ monthly: monthly ?? undefined }));
    } else {
      await changeOperatorSettings(trx, now, (before) => ({
        ...before,
        tenantMonthly: changed(before.tenantMonthly, tenant, monthly),
      }));
    }
    return { monthly };
  });
  return month(context, tenant);
}

/** The longest month. */
const monthDays = 31;

/** Sets how much workflow steps that nobody started may spend here in a month: credits of the operator's, as all are. */
export async function stepsBudget(context: Context, monthly: Credits | null, caller: Caller): Promise<void> {
  requireAdmin(context, caller);
  const { tenant } = caller;
  const ofOneMember = context.dailyCredits * monthDays;
  const most = isOperator(context, caller) ? maxLimit : ((await hardLimit(context, tenant)) ?? ofOneMember);
  if (monthly !== null) checkAmount(monthly, 0, most);
  const now = context.world.now();
  await audited(context, { name: "workflows", subject: tenant, caller }, async (trx) => {
    await changeTenantRules(trx, now, tenant, () => ({ stepsMonthly: monthly || undefined }));
    return { monthly };
  });
}

/** Sets the credits to which members with this role of the caller's tenant are topped up each day. */
export async function allowance(context: Context, role: string, daily: Credits | null, caller: Caller): Promise<void> {
  requireOperator(context, caller);
  if (daily !== null) checkAmount(daily, 0, maxGrant);
  if (!role.startsWith(`${caller.tenant}/`) || role.length > 200) throw unknownSetting("role", role);
  await audited(context, { name: "allowance", subject: role, caller }, async (trx) => {
    await changeOperatorSettings(trx, context.world.now(), (before) => ({
      ...before,
      allowances: changed(before.allowances, role, daily),
    }));
    return { daily };
  });
}

/** Reads the spending of a tenant this month, and its limit. */
export async function month(context: Context, tenant: string): Promise<UsageReport["month"]> {
  const since = startOfMonth(context.world.now());
  const { db } = context.database;
  const spent = await spentSince(db, { since, tenant, payers: "all" });
  const { monthly } = await rulesOf(db, tenant);
  const hard = await hardLimit(context, tenant);
  const own = spent - (await spentSince(db, { since, tenant, payers: "operator" }));
  // The operator's limit leaves out what the tenant pays itself.
  const limit = strictest(hard === undefined ? undefined : hard + own, monthly);
  return { spent, ...(limit === undefined ? {} : { limit }) };
}

async function hardLimit(context: Context, tenant: string): Promise<Credits | undefined> {
  const { tenantMonthly } = await operatorSettingsOf(context.database.db);
  return strictest(context.tenantMonthly, tenantMonthly[tenant]);
}

function changed(limits: Readonly<Record<string, Credits>>, key: string, limit: Credits | null) {
  const { [key]: _, ...rest } = limits;
  return limit === null ? rest : { ...rest, [key]: limit };
}
