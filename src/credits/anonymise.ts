import { type ExpressionBuilder, sql } from "kysely";
import { Refusal } from "../errors.ts";
import type { Trx } from "../store/connection.ts";
import type { Tables } from "../store/tables.ts";
import { available, held } from "./ledger.ts";
import { openAccount } from "./top-up.ts";

/**
 * Takes a member's name out of the ledger: `member:X` becomes `member:erased:PSEUDONYM`, as does `held:X`. No sum changes,
 * and the store refuses any other change of a transfer. Throws Refusal `job-not-finished` while something is held.
 */
export async function anonymise(trx: Trx, member: string, pseudonym: string): Promise<void> {
  const erased = `erased:${pseudonym}`;
  const account = await openAccount(trx, member);
  if (account.held > 0) throw new Refusal("job-not-finished", {});
  await rename(trx, available(member), available(erased));
  await rename(trx, held(member), held(erased));
  const prefix = `top-up:${member}:`;
  const isTheirs = (e: ExpressionBuilder<Tables, "transfer">) => e(sql`substr(idem, 1, ${prefix.length})`, "=", prefix);
  await trx
    .updateTable("transfer")
    .set({ idem: sql`${`top-up:${erased}:`} || substr(idem, ${sql.lit(prefix.length + 1)})` })
    .where("credit", "=", available(erased))
    .where(isTheirs)
    .execute();
}

/** A new account takes the place of the old one; its balance must be what its transfers say. */
async function rename(trx: Trx, from: string, to: string): Promise<void> {
  const account = await trx.selectFrom("account").selectAll().where("id", "=", from).executeTakeFirst();
  if (!account) return;
  await trx
    .insertInto("account")
    .values({ ...account, id: to })
    .execute();
  await trx.updateTable("transfer").set({ debit: to }).where("debit", "=", from).execute();
  await trx.updateTable("transfer").set({ credit: to }).where("credit", "=", from).execute();
  await trx.deleteFrom("account").where("id", "=", from).execute();
  const { rows } = await sql<{ n: number }>`
    select cast(coalesce(sum(case when credit = ${to} then amount else -amount end), 0) as bigint) as n
    from transfer where credit = ${to} or debit = ${to}`.execute(trx);
  if (rows[0]?.n !== account.balance) throw new Error(`${from} would not add up under another name`);
}
