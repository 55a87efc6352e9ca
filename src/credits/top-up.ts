import type { Credits } from "../request.ts";
import type { Trx } from "../store/database.ts";
import type { World } from "../world.ts";
import { dayOf } from "./days.ts";
import { available, balance, held, issued, lockAccount, transfer } from "./ledger.ts";

/**
 * Brings a member's credits up to `daily`, once in each UTC day, and locks the account.
 * Held credits count: else a hold kept over midnight and then cancelled would be a second allowance.
 */
export async function topUp(trx: Trx, world: World, member: string, daily: Credits): Promise<void> {
  const account = available(member);
  await lockAccount(trx, account);
  const today = dayOf(world.now());
  const row = await trx
    .selectFrom("account")
    .select("topped_up_on")
    .where("id", "=", account)
    .executeTakeFirstOrThrow();
  if (row.topped_up_on !== null && row.topped_up_on >= today) return;
  await trx.updateTable("account").set({ topped_up_on: today }).where("id", "=", account).execute();
  await fill(trx, world, member, daily, daily, `top-up:${member}:${today}`);
}

/**
 * Yesterday's hold was counted into today's top-up; once it is spent, today's allowance is made whole.
 * `spent` was captured from a hold made at `heldAt`.
 */
export async function topUpAfterYesterday(
  trx: Trx,
  world: World,
  hold: { member: string; job: string; spent: Credits; heldAt: number },
  daily: Credits,
): Promise<void> {
  const row = await trx
    .selectFrom("account")
    .select("topped_up_on")
    .where("id", "=", available(hold.member))
    .executeTakeFirst();
  if (!row?.topped_up_on || row.topped_up_on <= dayOf(hold.heldAt)) return;
  await fill(trx, world, hold.member, daily, hold.spent, `top-up:${hold.member}:${hold.job}`);
}

async function fill(
  trx: Trx,
  world: World,
  member: string,
  daily: Credits,
  most: Credits,
  idem: string,
): Promise<void> {
  const has = (await balance(trx, available(member))) + (await balance(trx, held(member)));
  const amount = Math.min(most, daily - has);
  if (amount <= 0) return;
  const at = world.now();
  await transfer(trx, world.id(), {
    debit: issued,
    credit: available(member),
    amount,
    kind: "top-up",
    job: null,
    at,
    idem,
  });
}
