import type { Room } from "../../context.ts";
import type { RulesChange } from "../../contract/admin.ts";
import type { Caller, OperatorSettings, TenantRules } from "../../contract/usecases.ts";
import { asDeed } from "../../policy/audit-log.ts";
import { checkRules } from "../../policy/check-rules.ts";
import { changeOperatorSettings, changeTenantRules, operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { isOperator, requireAdmin, requireOperator } from "../../policy/rights.ts";
import { requireMember } from "./known-member.ts";

const maxReason = 200;

export async function rules(room: Room, caller: Caller): Promise<TenantRules> {
  requireAdmin(room, caller);
  return rulesOf(room.database.db, caller.tenant);
}

/** Changes rules of the caller's tenant. Throws Refusal, then nothing changed. */
export async function changeRules(room: Room, change: RulesChange, caller: Caller): Promise<TenantRules> {
  requireAdmin(room, caller);
  const { tenant } = caller;
  await asDeed(room, { name: "rules", subject: tenant, caller }, (trx) =>
    changeTenantRules(trx, room.world.now(), tenant, (before) =>
      checkRules(typeof change === "function" ? change(before) : change, room.router.names),
    ),
  );
  return rulesOf(room.database.db, tenant);
}

/** Keeps a member from asking for images: here, or everywhere when an operator says so; and lets it again. */
export async function block(room: Room, member: string, blocked: boolean, caller: Caller): Promise<void> {
  requireAdmin(room, caller);
  await requireMember(room, member);
  const now = room.world.now();
  const operator = isOperator(room, caller);
  await asDeed(room, { name: blocked ? "block" : "unblock", subject: member, caller }, async (trx) => {
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

/** The kill switch: with a reason it stops everything that is not sent yet, without one it lets it go on. */
export async function pause(room: Room, reason: string | undefined, caller: Caller): Promise<OperatorSettings> {
  requireOperator(room, caller);
  const now = room.world.now();
  const paused =
    reason === undefined ? undefined : { reason: reason.trim().slice(0, maxReason), operator: caller.member, at: now };
  await asDeed(room, { name: paused ? "pause" : "resume", subject: "", caller }, async (trx) => {
    await changeOperatorSettings(trx, now, (before) => ({ ...before, paused }));
    return paused ? { reason: paused.reason } : {};
  });
  room.wake();
  return operatorSettingsOf(room.database.db);
}

export async function operatorSettings(room: Room, caller: Caller): Promise<OperatorSettings> {
  requireOperator(room, caller);
  return operatorSettingsOf(room.database.db);
}

function listed(members: readonly string[], member: string, wanted: boolean): readonly string[] {
  const others = members.filter((other) => other !== member);
  return wanted ? [...others, member] : others;
}
