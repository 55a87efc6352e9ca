import type { Room } from "../../context.ts";
import type { LimitChange, UsageReport } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { startOfMonth } from "../../credits/days.ts";
import { spentSince } from "../../jobs/usage.ts";
import { asDeed } from "../../policy/audit-log.ts";
import { checkAmount, maxLimit, unknownSetting } from "../../policy/check-settings.ts";
import { changeOperatorSettings, changeTenantRules, operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, requireAdmin, requireOperator } from "../../policy/rights.ts";
import { strictest } from "../../policy/rules.ts";
import type { Credits } from "../../request.ts";
import { maxGrant } from "./grant.ts";
import { requireMember } from "./known-member.ts";

/** What each member may spend here in a day; or, by an operator, what one may anywhere. */
export async function limit(room: Room, { member, daily }: LimitChange, caller: Caller): Promise<void> {
  if (member === undefined) requireAdmin(room, caller);
  else requireOperator(room, caller);
  if (daily !== null) checkAmount(daily, 0, maxLimit);
  if (member !== undefined) await requireMember(room, member);
  const now = room.world.now();
  await asDeed(room, { name: "limit", subject: member ?? caller.tenant, caller }, async (trx) => {
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

/** What all may spend here in a month: operators set the hard limit, others one that is no higher. */
export async function budget(room: Room, monthly: Credits | null, caller: Caller): Promise<UsageReport["month"]> {
  requireAdmin(room, caller);
  const { tenant } = caller;
  const hard = isOperator(room, caller) ? undefined : await hardLimit(room, tenant);
  if (monthly !== null) checkAmount(monthly, 0, hard ?? maxLimit);
  const now = room.world.now();
  await asDeed(room, { name: "budget", subject: tenant, caller }, async (trx) => {
    if (!isOperator(room, caller)) {
      await changeTenantRules(trx, now, tenant, () => ({ monthly: monthly ?? undefined }));
    } else {
      await changeOperatorSettings(trx, now, (before) => ({
        ...before,
        tenantMonthly: changed(before.tenantMonthly, tenant, monthly),
      }));
    }
    return { monthly };
  });
  return month(room, tenant);
}

/** What who has this role of the caller's tenant is topped up to each day. */
export async function allowance(room: Room, role: string, daily: Credits | null, caller: Caller): Promise<void> {
  requireOperator(room, caller);
  if (daily !== null) checkAmount(daily, 0, maxGrant);
  if (!role.startsWith(`${caller.tenant}/`) || role.length > 200) throw unknownSetting("role", role);
  await asDeed(room, { name: "allowance", subject: role, caller }, async (trx) => {
    await changeOperatorSettings(trx, room.world.now(), (before) => ({
      ...before,
      allowances: changed(before.allowances, role, daily),
    }));
    return { daily };
  });
}

/** What was spent in a tenant this month, and what may be. */
export async function month(room: Room, tenant: string): Promise<UsageReport["month"]> {
  const since = startOfMonth(room.world.now());
  const spent = await spentSince(room.database.db, tenant, since);
  const { monthly } = await rulesOf(room.database.db, tenant);
  const limit = strictest(await hardLimit(room, tenant), monthly);
  return { spent, ...(limit === undefined ? {} : { limit }) };
}

async function hardLimit(room: Room, tenant: string): Promise<Credits | undefined> {
  const { tenantMonthly } = await operatorSettingsOf(room.database.db);
  return strictest(room.tenantMonthly, tenantMonthly[tenant]);
}

function changed(limits: Readonly<Record<string, Credits>>, key: string, limit: Credits | null) {
  const { [key]: _, ...rest } = limits;
  return limit === null ? rest : { ...rest, [key]: limit };
}
