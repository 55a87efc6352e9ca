import type { Context } from "../../context.ts";
import type { UsageLine, UsageReport } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { startOfDay } from "../../credits/days.ts";
import { tenantsSince, type UsageRow, type UsageScope, usageBy, usageByMember } from "../../jobs/usage.ts";
import { checkAmount } from "../../policy/check-settings.ts";
import { isOperator, requireAdmin, requireOperator } from "../../policy/rights.ts";
import { month } from "./limits.ts";

const dayMs = 86_400_000;
const maxDays = 366;
const maxLines = 1000;
const maxMembers = 500;

/** Adds up the last UTC days, today among them: of the caller's tenant, or of all for operators. */
export async function usage(context: Context, days: number, caller: Caller): Promise<UsageReport> {
  requireAdmin(context, caller);
  const everywhere = isOperator(context, caller);
  const scope = scopeOf(context, days, caller);
  const by = await usageBy(context.database.reports, scope, maxLines);
  const byDay = by.day.map(dated).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    days,
    total: byDay.reduce(sum, nothing),
    byDay,
    byProvider: by.provider,
    byPayer: ownApart(by.payer),
    byMember: await usageByMember(context.database, scope, maxMembers),
    byTenant: everywhere ? by.tenant : [],
    month: await month(context, caller.tenant),
  };
}

export async function usageToday(context: Context, caller: Caller): Promise<UsageLine> {
  requireAdmin(context, caller);
  const { payer: lines } = await usageBy(context.database.reports, scopeOf(context, 1, caller), 2);
  const counted = isOperator(context, caller) ? lines.filter(({ name }) => name === "operator") : lines;
  return counted.reduce(sum, nothing);
}

/** Whoever uses no keys of tenants need not read of payers. */
function ownApart(lines: readonly UsageLine[]): readonly UsageLine[] {
  return lines.some(({ name }) => name === "tenant") ? lines : [];
}

export async function monthHere(context: Context, caller: Caller): Promise<UsageReport["month"]> {
  requireAdmin(context, caller);
  return month(context, caller.tenant);
}

export async function tenants(context: Context, days: number, caller: Caller): Promise<readonly string[]> {
  requireOperator(context, caller);
  return tenantsSince(context.database.reports, scopeOf(context, days, caller).since);
}

/** The last UTC days, today among them. */
function scopeOf(context: Context, days: number, caller: Caller): UsageScope {
  checkAmount(days, 1, maxDays);
  const since = startOfDay(context.world.now()) - (days - 1) * dayMs;
  return { since, ...(isOperator(context, caller) ? {} : { tenant: caller.tenant }) };
}

const nothing: UsageLine = { name: "", jobs: 0, images: 0, charged: 0, spent: 0 };

function dated(row: UsageRow): UsageLine {
  return { ...row, name: new Date(Number(row.name) * dayMs).toISOString().slice(0, 10) };
}

function sum(total: UsageLine, line: UsageLine): UsageLine {
  return {
    name: total.name,
    jobs: total.jobs + line.jobs,
    images: total.images + line.images,
    charged: total.charged + line.charged,
    spent: total.spent + line.spent,
  };
}
