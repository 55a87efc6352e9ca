import type { Context } from "../../context.ts";
import type { Caller } from "../../contract/usecases.ts";
import { auditEntryId, audited } from "../../policy/audit-log.ts";
import { checkAmount } from "../../policy/check-settings.ts";
import { requireOperator } from "../../policy/rights.ts";
import type { Credits } from "../../request.ts";
import { requireMember } from "./known-member.ts";

export const maxGrant = 1_000_000;

/** Gives credits, once for each event. Throws `operators-only`, `amount-out-of-range`, `member-unknown`. */
export async function grant(
  context: Context,
  member: string,
  amount: Credits,
  caller: Caller,
): Promise<{ readonly available: Credits }> {
  requireOperator(context, caller);
  checkAmount(amount, 1, maxGrant);
  await requireMember(context, member);
  const entry = { name: "grant", subject: member, caller };
  await audited(context, entry, async (trx) => {
    await context.credits.grant(trx, { member, amount, id: auditEntryId(entry) });
    return { amount };
  });
  const { available } = await context.credits.statement(member, 0);
  return { available };
}
