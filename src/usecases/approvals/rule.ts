import type { Context } from "../../context.ts";
import type { ApprovalChange, ApprovalRule, ApprovalStatus, Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { lastClosed } from "../../jobs/channel-messages.ts";
import { audited } from "../../policy/audit-log.ts";
import { checkAmount, maxLimit, unknownSetting } from "../../policy/check-settings.ts";
import { changeTenantRules, rulesOf } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import { tryChannel } from "../try-channel.ts";

const mostApprovers = 50;
const key = /^[\w:./-]{1,200}$/;

/** Shows above how much orders need approval in the caller's tenant, or changes it; see ApprovalUseCases.rule. */
export async function approvalRule(
  context: Context,
  change: ApprovalChange | undefined,
  caller: Caller,
): Promise<ApprovalStatus> {
  requireAdmin(context, caller);
  if (change !== undefined) await changeRule(context, change, caller);
  const { db } = context.database;
  const { approval: rule } = await rulesOf(db, caller.tenant);
  const closed = rule && (await lastClosed(db, { tenant: caller.tenant, channel: rule.channel ?? "" }));
  return { rule, closed };
}

async function changeRule(context: Context, change: ApprovalChange, caller: Caller): Promise<void> {
  const { tenant } = caller;
  const { approval: before } = await rulesOf(context.database.db, tenant);
  changed(before, change, caller); // refuses what is wrong before anything is posted
  const channel = channelAfter(before, change, caller);
  if (channel !== undefined && (channel !== before?.channel || change.channel !== undefined)) {
    await tryChannel(context, { channel, purpose: "approvals" }, caller);
  }
  await audited(context, { name: "approval", subject: tenant, caller }, (trx) =>
    changeTenantRules(trx, context.world.now(), tenant, ({ approval }) => ({
      approval: changed(approval, change, caller),
    })),
  );
}

/** The rule with the change; undefined: nothing needs approval. Throws Refusal. */
function changed(before: ApprovalRule | undefined, change: ApprovalChange, caller: Caller): ApprovalRule | undefined {
  const { above, add = [], remove = [] } = change;
  if (above === null) return undefined;
  if (above !== undefined) checkAmount(above, 0, maxLimit);
  for (const name of add) if (!key.test(name)) throw unknownSetting("approver", name);
  const limit = above ?? before?.above;
  if (limit === undefined) throw new Refusal("approval-needs-limit", {});
  const kept = (before?.approvers ?? []).filter((name) => !remove.includes(name) && !add.includes(name));
  const approvers = [...kept, ...add];
  if (approvers.length > mostApprovers) throw unknownSetting("approver", approvers.at(-1));
  return {
    above: limit,
    channel: channelAfter(before, change, caller),
    locale: change.channel === undefined && before ? before.locale : caller.locale,
    approvers,
    own: change.own ?? before?.own ?? false,
  };
}

/** The channel where it is asked: the one that is named, or was before, or where the rule is made. */
function channelAfter(before: ApprovalRule | undefined, { above, channel }: ApprovalChange, caller: Caller) {
  return above === null ? undefined : (channel ?? before?.channel ?? caller.channel);
}
