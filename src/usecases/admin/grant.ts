import type { Room } from "../../context.ts";
import type { Caller } from "../../contract/usecases.ts";
import { asDeed, deedId } from "../../policy/audit-log.ts";
import { checkAmount } from "../../policy/check-settings.ts";
import { requireOperator } from "../../policy/rights.ts";
import type { Credits } from "../../request.ts";
import { requireMember } from "./known-member.ts";

export const maxGrant = 1_000_000;

/** Gives credits, once for each event. Throws `operators-only`, `amount-out-of-range`, `member-unknown`. */
export async function grant(
  room: Room,
  member: string,
  amount: Credits,
  caller: Caller,
): Promise<{ readonly available: Credits }> {
  requireOperator(room, caller);
  checkAmount(amount, 1, maxGrant);
  await requireMember(room, member);
  const deed = { name: "grant", subject: member, caller };
  await asDeed(room, deed, async (trx) => {
    await room.credits.grant(trx, { member, amount, id: deedId(deed) });
    return { amount };
  });
  const { available } = await room.credits.statement(member, 0);
  return { available };
}
