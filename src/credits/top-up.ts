import type { Credits } from "../request.ts";
import type { Trx } from "../store/database.ts";
import type { AccountRow } from "../store/tables.ts";
import type { World } from "../world.ts";
import { dayOf } from "./days.ts";
import { available, balance, held, issued, lockAccount, transfer } from "./ledger.ts";

/** What a member is topped up to; `daily` is everybody's. */
export interface Allowance {
  readonly daily: Credits;
  /** At least `daily`: a role may bring more. */
  readonly to: Credits;
}

/**
 * Brings a member's credits up to the allowance, once in each UTC day, and locks the account; gives what is available. A
 * higher allowance later the same day adds the difference only.
 * Held credits count: else a hold kept over midnight and then cancelled would be a second allowance.
 */
export async function topUp(trx: Trx, world: World, member: string, { daily, to }: Allowance): Promise<Credits> {
  const account = available(member);
  const row = await lockAccount(trx, account);
  const today = dayOf(world.now());
  const { on, already } = lastTopUp(row, daily);
  if (on > today || (on === today && to <= already)) return row.balance;
  await trx.updateTable("account").set({ topped_up_on: today, topped_up_to: to }).where("id", "=", account).execute();
  const first = on < today;
  const idem = `top-up:${member}:${today}${first ? "" : `:${to}`}`;
  await fill(trx, world, { member, to, most: first ? to : to - already, idem });
  return balance(trx, account);
}

/** Empty day: never. The previous version did not write down to how much: it knew only `daily`. */
function lastTopUp(row: AccountRow, daily: Credits): { on: string; already: Credits } {
  return { on: row.topped_up_on ?? "", already: row.topped_up_to ?? daily };
}

/** Was the member topped up on a later day than this? A hold from before counted into that. */
export async function toppedUpAfter(trx: Trx, member: string, heldAt: number): Promise<boolean> {
  return lastTopUp(await lockAccount(trx, available(member)), 0).on > dayOf(heldAt);
}

/**
 * Yesterday's hold was counted into today's top-up; once it is spent, today's allowance is made whole.
 * `spent` was captured from that hold.
 */
export async function topUpAfterYesterday(
  trx: Trx,
  world: World,
  hold: { member: string; job: string; spent: Credits },
  daily: Credits,
): Promise<void> {
  const { member, job, spent } = hold;
  const { already: to } = lastTopUp(await lockAccount(trx, available(member)), daily);
  await fill(trx, world, { member, to, most: spent, idem: `top-up:${member}:${job}` });
}

async function fill(
  trx: Trx,
  world: World,
  { member, to, most, idem }: { member: string; to: Credits; most: Credits; idem: string },
): Promise<void> {
  const has = (await balance(trx, available(member))) + (await balance(trx, held(member)));
  const amount = Math.min(most, to - has);
  if (amount <= 0) return;
  const at = world.now();
  const credit = available(member);
  await transfer(trx, world.id(), { debit: issued, credit, amount, kind: "top-up", job: null, at, idem });
}
