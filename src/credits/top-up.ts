import type { Credits } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { World } from "../world.ts";
import { dayOf } from "./days.ts";
import { available, held, issued, lockAccounts, transfer } from "./ledger.ts";

/** What a member is topped up to; `daily` is everybody's. */
export interface Allowance {
  readonly daily: Credits;
  /** At least `daily`: a role may bring more. */
  readonly to: Credits;
}

/** A member's accounts, locked until the transaction ends: what they say stays true. */
export interface Account {
  readonly member: string;
  readonly available: Credits;
  readonly held: Credits;
  /** UTC day of the last top-up; "" before the first. */
  readonly toppedUpOn: string;
  /** What it was brought to; undefined as the previous version left it, which knew only one allowance. */
  readonly toppedUpTo: Credits | undefined;
}

/** Opens them when they are new, and locks them. */
export async function openAccount(trx: Trx, member: string): Promise<Account> {
  const rows = await lockAccounts(trx, available(member), held(member));
  const find = (id: string) => rows.find((row) => row.id === id);
  const own = find(available(member));
  return {
    member,
    available: own?.balance ?? 0,
    held: find(held(member))?.balance ?? 0,
    toppedUpOn: own?.topped_up_on ?? "",
    toppedUpTo: own?.topped_up_to ?? undefined,
  };
}

/**
 * Brings a member's credits up to the allowance, once in each UTC day; the account as it is then. A higher allowance later
 * the same day adds the difference only.
 * Held credits count: else a hold kept over midnight and then cancelled would be a second allowance.
 */
export async function topUp(trx: Trx, world: World, account: Account, { daily, to }: Allowance): Promise<Account> {
  const { member, toppedUpOn: on, toppedUpTo: already = daily } = account;
  const today = dayOf(world.now());
  if (on > today || (on === today && to <= already)) return account;
  const first = on < today;
  const idem = `top-up:${member}:${today}${first ? "" : `:${to}`}`;
  const [added] = await Promise.all([
    fill(trx, world, account, { to, most: first ? to : to - already, idem }),
    trx
      .updateTable("account")
      .set({ topped_up_on: today, topped_up_to: to })
      .where("id", "=", available(member))
      .execute(),
  ]);
  return { ...account, available: account.available + added, toppedUpOn: today, toppedUpTo: to };
}

/** Was the member topped up on a later day than this? A hold from before counted into that. */
export function toppedUpAfter({ toppedUpOn }: Account, heldAt: number): boolean {
  return toppedUpOn > dayOf(heldAt);
}

/**
 * Yesterday's hold was counted into today's top-up; once it is spent, today's allowance is made whole.
 * `spent` was captured from that hold, and `account` is as it is after that.
 */
export async function topUpAfterYesterday(
  trx: Trx,
  world: World,
  account: Account,
  { job, spent, daily }: { job: string; spent: Credits; daily: Credits },
): Promise<void> {
  const { member, toppedUpTo: to = daily } = account;
  await fill(trx, world, account, { to, most: spent, idem: `top-up:${member}:${job}` });
}

/** What was added. */
async function fill(
  trx: Trx,
  world: World,
  account: Account,
  { to, most, idem }: { to: Credits; most: Credits; idem: string },
): Promise<Credits> {
  const amount = Math.min(most, to - account.available - account.held);
  if (amount <= 0) return 0;
  const route = { debit: issued, credit: available(account.member) };
  const made = await transfer(trx, world.id(), { ...route, amount, kind: "top-up", job: null, at: world.now(), idem });
  return made ? amount : 0;
}
