import type { Context } from "../../context.ts";
import type { AdminUseCases } from "../../contract/admin.ts";
import { auditLog } from "../../policy/audit-log.ts";
import { alerts } from "./alerts.ts";
import { grant } from "./grant.ts";
import { inspect, jobs } from "./jobs.ts";
import { createKeys } from "./keys.ts";
import { allowance, budget, limit, stepsBudget } from "./limits.ts";
import { members } from "./members.ts";
import { draws, providers } from "./provider-status.ts";
import { block, changeRules, operatorSettings, pause, rules } from "./rules.ts";
import { settle, unknown } from "./unknown-outcomes.ts";
import { monthHere, tenants, usage, usageToday } from "./usage.ts";

/** Makes everything that those with rights may do. */
export function createAdmin(context: Context): AdminUseCases {
  return {
    grant: (member, amount, caller) => grant(context, member, amount, caller),
    limit: (change, caller) => limit(context, change, caller),
    budget: (monthly, caller) => budget(context, monthly, caller),
    stepsBudget: (monthly, caller) => stepsBudget(context, monthly, caller),
    allowance: (role, daily, caller) => allowance(context, role, daily, caller),
    usage: (days, caller) => usage(context, days, caller),
    usageToday: (caller) => usageToday(context, caller),
    month: (caller) => monthHere(context, caller),
    tenants: (days, caller) => tenants(context, days, caller),
    block: (member, blocked, caller) => block(context, member, blocked, caller),
    rules: (caller) => rules(context, caller),
    changeRules: (change, caller) => changeRules(context, change, caller),
    alerts: (channel, caller) => alerts(context, channel, caller),
    keys: createKeys(context),
    providers: (caller) => providers(context, caller),
    draws: (caller) => draws(context, caller),
    pause: (reason, caller) => pause(context, reason, caller),
    operatorSettings: (caller) => operatorSettings(context, caller),
    unknown: (caller) => unknown(context, caller),
    settle: (attempt, billed, caller) => settle(context, attempt, billed, caller),
    auditLog: (limit, caller, before) => auditLog(context, limit, caller, before),
    members: (search, caller) => members(context, search, caller),
    jobs: (filter, caller) => jobs(context, filter, caller),
    inspect: (job, caller) => inspect(context, job, caller),
  };
}
