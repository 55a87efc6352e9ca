import type { Context } from "../context.ts";
import type { OperatorSettings, TenantRules } from "../contract/settings.ts";
import type { Caller } from "../contract/usecases.ts";
import type { Limits } from "../credits/credits.ts";
import { Refusal } from "../errors.ts";
import type { Credits, Request } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import { blockedWordIn } from "./blocked-words.ts";
import { operatorSettingsOf, type Settings } from "./documents.ts";

/** Tells whether the kill switch is on: then nothing is taken on, and nothing more is sent to a service. What has ended is still posted. */
export async function paused({ database }: Pick<Context, "database">): Promise<boolean> {
  return (await operatorSettingsOf(database.db)).paused !== undefined;
}

/** The settings of the operator and of a tenant. */
export type Policy = Pick<Settings, "operator" | "rules">;

/**
 * Checks a request against the rules of operator and tenant, before any money is looked at, and gives its limits. Throws
 * Refusal `paused`, `member-blocked`, `channel-not-allowed`, `role-not-allowed`, `mature-only`, `word-blocked`,
 * `steps-budget-unset`.
 */
export function enforcePolicy({ operator, rules }: Policy, request: Request, caller: Caller): Limits {
  if (operator.paused) throw new Refusal("paused", { reason: operator.paused.reason });
  requireUnblocked({ operator, rules }, caller);
  requirePlace(rules, caller);
  if (request.moderation === "low" && !(rules.mature && caller.mature)) throw new Refusal("mature-only", {});
  requireWords(rules, request.prompt);
  return limitsOf(operator, rules, caller);
}

/** Checks words that a member shows in a tenant. Throws Refusal `member-blocked`, `word-blocked`. */
export function enforceWords(policy: Policy, words: string, caller: Caller): void {
  requireUnblocked(policy, caller);
  requireWords(policy.rules, words);
}

function requireUnblocked({ operator, rules }: Policy, { member }: Caller): void {
  const blocked = [...operator.blockedMembers, ...rules.blockedMembers];
  if (blocked.includes(member)) throw new Refusal("member-blocked", {});
}

function requireWords({ blockedWords }: TenantRules, words: string): void {
  const word = blockedWordIn(words, blockedWords);
  if (word !== undefined) throw new Refusal("word-blocked", { word });
}

/** The credits to which the caller is topped up here each day, when they are more than everybody's. */
export async function allowanceOf(db: Db | Trx, caller: Caller): Promise<Credits | undefined> {
  return highest(await operatorSettingsOf(db), caller);
}

/** The strictest of what is set; undefined when nothing is. */
export function strictest(...limits: readonly (Credits | undefined)[]): Credits | undefined {
  const set = limits.filter((limit) => limit !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

function requirePlace({ channels, roles }: TenantRules, caller: Caller): void {
  if (channels.length > 0 && !(caller.channel !== undefined && channels.includes(caller.channel))) {
    throw new Refusal("channel-not-allowed", { channels });
  }
  if (caller.paidBy) return; // nobody has roles where nobody asks: an admin agreed by setting a budget
  if (roles.length > 0 && !roles.some((role) => (caller.roles ?? []).some((own) => isRole(own, role)))) {
    throw new Refusal("role-not-allowed", { roles });
  }
}

/** Rules name a role by its whole key or by the platform's id, the last part of it. */
export function isRole(key: string, named: string): boolean {
  return key === named || key.endsWith(`:${named}`);
}

function limitsOf(operator: OperatorSettings, rules: TenantRules, caller: Caller): Limits {
  const monthly = { tenantMonthly: rules.monthly, operatorMonthly: operator.tenantMonthly[caller.tenant] };
  if (caller.paidBy) {
    if (!rules.stepsMonthly) throw new Refusal("steps-budget-unset", {});
    return { allowance: rules.stepsMonthly, stepsMonthly: rules.stepsMonthly, ...monthly };
  }
  return {
    allowance: highest(operator, caller),
    memberDaily: rules.memberDaily,
    memberDailyEverywhere: operator.memberDaily[caller.member],
    ...monthly,
  };
}

function highest({ allowances }: OperatorSettings, { roles = [] }: Caller): Credits | undefined {
  const own = roles.flatMap((role) => (Object.hasOwn(allowances, role) ? (allowances[role] ?? []) : []));
  return own.length === 0 ? undefined : Math.max(...own);
}
