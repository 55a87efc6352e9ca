import type { Context } from "../../context.ts";
import type { OutsideGrant, OutsideGrantState } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { audited } from "../../policy/audit-log.ts";
import { checkAmount } from "../../policy/check-settings.ts";
import type { Db } from "../../store/connection.ts";
import type { OutsideGrantRow } from "../../store/tables.ts";
import { maxGrant } from "./grant.ts";
import { requireMember } from "./known-member.ts";

/**
 * Gives credits that were paid for outside, once for each key, however often it is told. Throws Refusal
 * `amount-out-of-range`, `member-unknown`, `grant-key-taken` when the key stands for something else.
 */
export async function giveFromOutside(context: Context, grant: OutsideGrant): Promise<OutsideGrantState> {
  const { key, source, member, amount, note } = grant;
  checkAmount(amount, 1, maxGrant);
  await requireMember(context, member);
  const entry = { name: "grant", subject: member, caller: outside(source, key) };
  await audited(context, entry, async (trx) => {
    const row = { ...grant, at: context.world.now(), reversed_at: null, taken_back: 0 };
    const made = await trx
      .insertInto("outside_grant")
      .values(row)
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning("key")
      .executeTakeFirst();
    if (!made) throw new Refusal("grant-key-taken", { key });
    await context.credits.grant(trx, { member, amount, id: `outside:${key}` });
    return { amount, source, note };
  });
  const kept = await find(context.database.db, key);
  if (kept?.member !== member || kept.amount !== amount) throw new Refusal("grant-key-taken", { key });
  return stateOf(context, kept);
}

/**
 * Takes back what was given under a key, as far as the member still has it: nobody gets below zero, and what was drawn
 * stays paid. Again changes nothing. Throws Refusal `grant-unknown`.
 */
export async function reverseFromOutside(context: Context, key: string, source: string): Promise<OutsideGrantState> {
  const given = await find(context.database.db, key);
  if (!given) throw new Refusal("grant-unknown", { key });
  const { member, amount } = given;
  const entry = { name: "reverse-grant", subject: member, caller: outside(source, key) };
  await audited(context, entry, async (trx) => {
    const taken = await context.credits.takeBack(trx, { member, amount, id: `outside:${key}` });
    await trx
      .updateTable("outside_grant")
      .set({ reversed_at: context.world.now(), taken_back: taken })
      .where("key", "=", key)
      .execute();
    return { amount: taken, of: amount, source };
  });
  return stateOf(context, (await find(context.database.db, key)) ?? given);
}

/** The hand that acts: nobody of a platform, and named by where the money came from. */
function outside(source: string, key: string): Caller {
  return {
    ...{ platform: "outside", tenant: "outside", member: `outside:${source}`, name: source, locale: "en" },
    ...{ replyTarget: "", inbound: `outside:${key}` },
  };
}

async function find(db: Db, key: string): Promise<OutsideGrantRow | undefined> {
  return db.selectFrom("outside_grant").selectAll().where("key", "=", key).executeTakeFirst();
}

async function stateOf({ credits }: Context, row: OutsideGrantRow): Promise<OutsideGrantState> {
  const { key, member, amount, reversed_at: reversedAt, taken_back: takenBack } = row;
  const available = await credits.spendable(member);
  return { key, member, amount, available, ...(reversedAt === null ? {} : { takenBack }) };
}
