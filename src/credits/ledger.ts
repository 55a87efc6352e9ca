/**
 * The ledger: double entry, append-only, whole credits.
 *
 * Every credit lies in exactly one account. A transfer moves some from its debit to its credit account, so that the sum
 * over all accounts is always 0; only the operator's accounts (`ops:`) may be below zero, because that is where credits
 * come from. A job's money moves three times at most:
 *
 *   hold      member -> held      in the transaction that accepts the job
 *   capture   held -> revenue     in the transaction that marks it delivered; at most the hold, the rest is released
 *   release   held -> member      in the transaction that ends it in any other way
 *
 * and the operator's side of its calls beside it, without markup (spend.ts):
 *
 *   spend     funds -> provider   a service charged for a call
 *   unknown   funds -> unknown    it may have; later `billed` unknown -> provider, or `not-billed` unknown -> funds
 *   goodwill  goodwill -> revenue images that the member does not pay for
 *
 * What a tenant pays a service by a key of its own goes between accounts of its kind (`ops:tenant-...`, `own-keys:...`): it
 * is none of the operator's money.
 *
 * `idem` names the movement itself (`hold:JOB`), so that no crash, retry or second process makes it twice.
 */
import { sql } from "kysely";
import { type Credits, type Payer, serviceOf } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import { runLast } from "../store/last-statements.ts";
import type { AccountRow, TransferRow } from "../store/tables.ts";

/** New credits come from here: its balance is minus what was ever handed out. */
export const issued = "ops:issued";
/** The accounts between which the price of a job and the cost of its calls move. */
interface PayerAccounts {
  /** Credits that members paid for images that they got. */
  readonly revenue: string;
  /** Services are paid from here: its balance is minus what they cost so far. */
  readonly funds: string;
  /** Credits that were paid in place of members. */
  readonly goodwill: string;
  /** Credits that a service charged, for whichever of its models. */
  provider(name: string): string;
  /** Credits that a service may have charged, until somebody knows. */
  unknownAt(name: string): string;
}

const accountsByPayer: Readonly<Record<Payer, PayerAccounts>> = {
  operator: {
    revenue: "ops:revenue",
    funds: "ops:funds",
    goodwill: "ops:goodwill",
    provider: (name) => `provider:${serviceOf(name)}`,
    unknownAt: (name) => `ops:unknown:${serviceOf(name)}`,
  },
  tenant: {
    revenue: "ops:tenant-revenue",
    funds: "ops:tenant-funds",
    goodwill: "ops:tenant-goodwill",
    provider: (name) => `own-keys:${serviceOf(name)}`,
    unknownAt: (name) => `ops:tenant-unknown:${serviceOf(name)}`,
  },
};

/** The accounts of whoever pays the services for a job. */
export const accountsOf = (payer: Payer = "operator"): PayerAccounts => accountsByPayer[payer];
export const available = (member: string) => `member:${member}`;
export const held = (member: string) => `held:${member}`;

export type Transfer = Omit<TransferRow, "id">;

/** The debited account has too little. */
export class Overdrawn extends Error {}

/**
 * Moves credits, once per `idem`; a repetition changes nothing and gives false. A member's accounts are open (top-up.ts).
 * Throws Overdrawn.
 */
export async function transfer(trx: Trx, id: string, entry: Transfer): Promise<boolean> {
  const { debit, credit, amount } = entry;
  const [, made, taken] = await Promise.all([
    openOperators(trx, debit, credit),
    trx
      .insertInto("transfer")
      .values({ id, ...entry })
      .onConflict((conflict) => conflict.column("idem").doNothing())
      .returning("id")
      .executeTakeFirst(),
    // Debit before credit: everybody locks in this order. Nothing happens to them when the transfer was made before.
    changeBalance(trx, id, debit, -amount),
    changeBalance(trx, id, credit, amount),
  ]);
  if (made && !taken) throw new Overdrawn(`${debit} has less than ${amount}`);
  return made !== undefined;
}

async function changeBalance(trx: Trx, transfer: string, account: string, change: Credits): Promise<boolean> {
  if (!isMembers(account)) return changeOperators(trx, transfer, account, change);
  const row = await trx
    .updateTable("account")
    .set((e) => ({ balance: e("balance", "+", change) }))
    .where("id", "=", account)
    .where("balance", ">=", -change)
    .where((e) => e.exists(e.selectFrom("transfer").select("id").where("transfer.id", "=", transfer)))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

const isMembers = (account: string) => /^(member|held):/.test(account);

/** Every job writes to the operator's accounts, which have no lower limit. */
function changeOperators(trx: Trx, transfer: string, account: string, change: Credits): true {
  const statement = sql`
    update account set balance = balance + ${change}
    where id = ${account} and exists (select 1 from transfer where transfer.id = ${transfer})`;
  runLast(trx, account, statement.compile(trx));
  return true;
}

/** Without a look first, it would wait for whoever is changing the account at this moment. */
async function openOperators(trx: Trx, ...ids: readonly string[]): Promise<void> {
  const operators = ids.filter((id) => !isMembers(id)).map((id) => sql`select ${id} as id`);
  if (operators.length === 0) return;
  await sql`
    insert into account (id, balance) select wanted.id, 0 from (${sql.join(operators, sql` union all `)}) wanted
    where not exists (select 1 from account where account.id = wanted.id) on conflict (id) do nothing`.execute(trx);
}

/** Credits in an account; 0 when it was never used. */
export async function balance(db: Db | Trx, account: string): Promise<Credits> {
  const row = await db.selectFrom("account").select("balance").where("id", "=", account).executeTakeFirst();
  return row?.balance ?? 0;
}

/** Opens accounts when they are new, and locks them: until the transaction ends, nobody else changes them. */
export async function lockAccounts(trx: Trx, ...ids: readonly string[]): Promise<AccountRow[]> {
  return trx
    .insertInto("account")
    .values(ids.map(unused))
    .onConflict((conflict) => conflict.column("id").doUpdateSet((e) => ({ balance: e.ref("account.balance") })))
    .returningAll()
    .execute();
}

const unused = (id: string): AccountRow => ({ id, balance: 0, topped_up_on: null, topped_up_to: null });
