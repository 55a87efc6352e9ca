import type { Room } from "../../context.ts";
import type { AdminUseCases } from "../../contract/admin.ts";
import { deeds } from "../../policy/audit-log.ts";
import { grant } from "./grant.ts";
import { inspect, jobs } from "./jobs.ts";
import { allowance, budget, limit } from "./limits.ts";
import { members } from "./members.ts";
import { providers } from "./provider-status.ts";
import { block, changeRules, operatorSettings, pause, rules } from "./rules.ts";
import { settle, unknown } from "./unknown-outcomes.ts";
import { usage } from "./usage.ts";

/** What those with rights may do, over one room. */
export function createAdmin(room: Room): AdminUseCases {
  return {
    grant: (member, amount, caller) => grant(room, member, amount, caller),
    limit: (change, caller) => limit(room, change, caller),
    budget: (monthly, caller) => budget(room, monthly, caller),
    allowance: (role, daily, caller) => allowance(room, role, daily, caller),
    usage: (days, caller) => usage(room, days, caller),
    block: (member, blocked, caller) => block(room, member, blocked, caller),
    rules: (caller) => rules(room, caller),
    changeRules: (change, caller) => changeRules(room, change, caller),
    providers: (caller) => providers(room, caller),
    pause: (reason, caller) => pause(room, reason, caller),
    operatorSettings: (caller) => operatorSettings(room, caller),
    unknown: (caller) => unknown(room, caller),
    settle: (attempt, billed, caller) => settle(room, attempt, billed, caller),
    deeds: (limit, caller) => deeds(room, limit, caller),
    members: (search, caller) => members(room, search, caller),
    jobs: (filter, caller) => jobs(room, filter, caller),
    inspect: (job, caller) => inspect(room, job, caller),
  };
}
