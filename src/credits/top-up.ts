import type { Credits } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import type { AccountRow } from "../store/tables.ts";
import type { World } from "../world.ts";
import { dayOf } from "./days.ts";
import { available, held, issued, lockAccounts, transfer } from "./ledger.ts";

/** The level that a member is topped up to; `daily` is everybody's. */
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
  /** The level of that top-up; undefined as the previous version left it, which knew only one allowance. */
  readonly toppedUpTo: Credits | undefined;
}

/** Opens a member's accounts when they are new, and locks them. */
export async function openAccount(trx: Trx, member: string): Promise<Account> {
  return accountFrom(member, await lockAccounts(trx, available(member), held(member)));
}

/** Reads a member's accounts as they are at this moment, without a lock. */
export async function readAccount(db: Db | Trx, member: string): Promise<Account> {
  const ids = [available(member), held(member)];
  return accountFrom(member, await db.selectFrom("account").selectAll().where("id", "in", ids).execute());
}

function accountFrom(member: string, rows: readonly AccountRow[]): Account {
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
export async function topUp(trx: Trx, world: World, account: Account, allowance: Allowance): Promise<Account> {
  const { member } = account;
  const { to } = allowance;
  const today = dayOf(world.now());
  const most = mostToAdd(account, allowance, today);
  if (most === undefined) return account;
  const idem = `top-up:${member}:${today}${account.toppedUpOn < today ? "" : `:${to}`}`;
  const [added] = await Promise.all([
    fill(trx, world, account, { to, most, idem }),
    trx
      .updateTable("account")
      .set({ topped_up_on: today, topped_up_to: to })
      .where("id", "=", available(member))
      .execute(),
  ]);
  return { ...account, available: account.available + added, toppedUpOn: today, toppedUpTo: to };
}

/** The credits that the account would have after its top-up; changes nothing. */
export function availableAfterTopUp(account: Account, allowance: Allowance, now: number): Credits {
  const most = mostToAdd(account, allowance, dayOf(now));
  return account.available + (most === undefined ? 0 : missing(account, allowance.to, most));
}

/** The most that may be added today; undefined when nothing may, as it was topped up already. */
function mostToAdd(account: Account, { daily, to }: Allowance, today: string): Credits | undefined {
  const { toppedUpOn: on, toppedUpTo: already = daily } = account;
  if (on > today || (on === today && to <= already)) return undefined;
  return on < today ? to : to - already;
}

function missing({ available: has, held: aside }: Account, to: Credits, most: Credits): Credits {
  return Math.max(0, Math.min(most, to - has - aside));
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

/** Adds at most `most`, and gives what was added. */
async function fill(
  trx: Trx,
  world: World,
  account: Account,
  { to, most, idem }: { to: Credits; most: Credits; idem: string },
): Promise<Credits> {
  const amount = missing(account, to, most);
  if (amount === 0) return 0;
  const route = { debit: issued, credit: available(account.member) };
  const made = await transfer(trx, world.id(), { ...route, amount, kind: "top-up", job: null, at: world.now(), idem });
  return made ? amount : 0;
}
