import type { Context } from "../../context.ts";
import type { UsageLine, UsageReport } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { startOfDay } from "../../credits/days.ts";
import { type UsageKey, type UsageRow, usageBy } from "../../jobs/usage.ts";
import { checkAmount } from "../../policy/check-settings.ts";
import { isOperator, requireAdmin } from "../../policy/rights.ts";
import { month } from "./limits.ts";

const dayMs = 86_400_000;
const maxDays = 366;
const maxLines = 1000;

/** Adds up the last UTC days, today among them: of the caller's tenant, or of all for operators. */
export async function usage(context: Context, days: number, caller: Caller): Promise<UsageReport> {
  requireAdmin(context, caller);
  checkAmount(days, 1, maxDays);
  const everywhere = isOperator(context, caller);
  const since = startOfDay(context.world.now()) - (days - 1) * dayMs;
  const by = (key: UsageKey) =>
    usageBy(context.database.reports, key, { since, ...(everywhere ? {} : { tenant: caller.tenant }) }, maxLines);
  const byDay = (await by("day")).map(dated).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    days,
    total: byDay.reduce(sum, { name: "", jobs: 0, images: 0, charged: 0, spent: 0 }),
    byDay,
    byProvider: await by("provider"),
    byMember: await by("member"),
    byTenant: everywhere ? await by("tenant") : [],
    month: await month(context, caller.tenant),
  };
}

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
