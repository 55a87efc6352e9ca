import type { Context } from "../../context.ts";
import type { RulesChange } from "../../contract/admin.ts";
import type { Caller, OperatorSettings, TenantRules } from "../../contract/usecases.ts";
import { audited } from "../../policy/audit-log.ts";
import { checkRules } from "../../policy/check-rules.ts";
import { changeOperatorSettings, changeTenantRules, operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, requireAdmin, requireOperator } from "../../policy/rights.ts";
import { requireMember } from "./known-member.ts";

const maxReason = 200;

export async function rules(context: Context, caller: Caller): Promise<TenantRules> {
  requireAdmin(context, caller);
  return rulesOf(context.database.db, caller.tenant);
}

/** Changes rules of the caller's tenant. Throws Refusal, then nothing changed. */
export async function changeRules(context: Context, change: RulesChange, caller: Caller): Promise<TenantRules> {
  requireAdmin(context, caller);
  const { tenant } = caller;
  await audited(context, { name: "rules", subject: tenant, caller }, (trx) =>
    changeTenantRules(trx, context.world.now(), tenant, (before) =>
      checkRules(typeof change === "function" ? change(before) : change, context.router.knownNames),
    ),
  );
  return rulesOf(context.database.db, tenant);
}

/** Keeps a member from asking for images: here, or everywhere when an operator says so; and lets it again. */
export async function block(context: Context, member: string, blocked: boolean, caller: Caller): Promise<void> {
  requireAdmin(context, caller);
  await requireMember(context, member);
  const now = context.world.now();
  const operator = isOperator(context, caller);
  await audited(context, { name: blocked ? "block" : "unblock", subject: member, caller }, async (trx) => {
    if (operator) {
      await changeOperatorSettings(trx, now, (before) => ({
        ...before,
        blockedMembers: listed(before.blockedMembers, member, blocked),
      }));
    }
    // What an operator allows is allowed here too.
    if (!operator || !blocked) {
      await changeTenantRules(trx, now, caller.tenant, ({ blockedMembers }) => ({
        blockedMembers: listed(blockedMembers, member, blocked),
      }));
    }
    return { everywhere: operator };
  });
}

/** Pauses everything that is not sent yet, with a reason; without one, lets it go on. */
export async function pause(context: Context, reason: string | undefined, caller: Caller): Promise<OperatorSettings> {
  requireOperator(context, caller);
  const now = context.world.now();
  const paused =
    reason === undefined ? undefined : { reason: reason.trim().slice(0, maxReason), operator: caller.member, at: now };
  await audited(context, { name: paused ? "pause" : "resume", subject: "", caller }, async (trx) => {
    await changeOperatorSettings(trx, now, (before) => ({ ...before, paused }));
    return paused ? { reason: paused.reason } : {};
  });
  context.wake();
  return operatorSettingsOf(context.database.db);
}

export async function operatorSettings(context: Context, caller: Caller): Promise<OperatorSettings> {
  requireOperator(context, caller);
  return operatorSettingsOf(context.database.db);
}

function listed(members: readonly string[], member: string, wanted: boolean): readonly string[] {
  const others = members.filter((other) => other !== member);
  return wanted ? [...others, member] : others;
}
