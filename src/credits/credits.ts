import { Refusal } from "../errors.ts";
import type { Credits, Payer } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { World } from "../world.ts";
import { startOfNextDay } from "./days.ts";
import { accountsOf, available, balance, held, issued, type Transfer, transfer } from "./ledger.ts";
import { type BudgetLow, type Budgets, checkLimits, compareLimits, type Limits, type Spending } from "./limits.ts";
import { movementsOf, type StatementLine } from "./movements.ts";
import {
  type Account,
  availableAfterTopUp,
  openAccount,
  readAccount,
  toppedUpAfter,
  topUp,
  topUpAfterYesterday,
} from "./top-up.ts";

export type { BudgetLow, Limits, Spending } from "./limits.ts";
export type { Account } from "./top-up.ts";

export interface CreditPolicy extends Budgets {
  /** Each UTC day a member is topped up to this. */
  readonly daily: Credits;
}

/** Credits that are reserved for a job. */
export interface Hold {
  readonly job: string;
  readonly amount: Credits;
  /** When it was held. */
  readonly at: number;
  /** Whoever pays the service for the job; absent: the operator. */
  readonly payer?: Payer | undefined;
}

export interface Statement {
  readonly available: Credits;
  readonly held: Credits;
  readonly renewsTo: Credits;
  readonly renewsAt: number;
  /** Newest first; a job's movements are one. */
  readonly movements: readonly StatementLine[];
}

/** Members' money: the only door to the ledger. Everything that moves credits takes the caller's transaction. */
export interface MemberCredits {
  /**
   * Locks the member's accounts, before anything else of the transaction: everybody takes them first, then the job, then the
   * operator's accounts, so that nobody waits in a circle.
   */
  open(trx: Trx, member: string): Promise<Account>;
  /**
   * Tops the member up and says yes to a spending, or refuses: `not-enough-credits`, `member-daily-spent`,
   * `*-budget-spent`. Gives the budgets that it brings low. Before the job is queued: limits count queued jobs.
   */
  allow(trx: Trx, account: Account, spending: Omit<Spending, "member">, limits: Limits): Promise<readonly BudgetLow[]>;
  /** Throws what `allow` would throw, as far as can be seen without a lock; gives what the member could spend now. */
  foresee(spending: Spending, limits: Limits): Promise<Credits>;
  /** The credits that the member could spend now, counting today's top-up. */
  spendable(member: string, allowance?: Credits): Promise<Credits>;
  /** Takes aside what was allowed. */
  hold(trx: Trx, account: Account, hold: Hold): Promise<void>;
  /** Settles a hold: `amount` (at most what is held) is spent, the rest goes back. */
  capture(trx: Trx, account: Account, hold: Hold, amount: Credits): Promise<void>;
  /** Gives a whole hold back. */
  release(trx: Trx, account: Account, hold: Hold): Promise<void>;
  /** Gives new credits, once for each `id`; returns what is available then. */
  grant(trx: Trx, gift: { readonly member: string; readonly amount: Credits; readonly id: string }): Promise<Credits>;
  /** Takes credits of a gift back, once for each `id`, as far as the member has them; how many those were. */
  takeBack(
    trx: Trx,
    gift: { readonly member: string; readonly amount: Credits; readonly id: string },
  ): Promise<Credits>;
  statement(member: string, lines: number, allowance?: Credits): Promise<Statement>;
}

export function createCredits(database: Database, world: World, policy: CreditPolicy): MemberCredits {
  const { daily } = policy;
  const allowanceOf = (given: Credits = 0) => ({ daily, to: Math.max(daily, given) });

  const toppedUp = (trx: Trx, account: Account, allowance?: Credits) =>
    topUp(trx, world, account, allowanceOf(allowance));
  const spendable = async (member: string, allowance?: Credits) =>
    availableAfterTopUp(await readAccount(database.db, member), allowanceOf(allowance), world.now());
  return {
    open: openAccount,
    async allow(trx, account, spending, limits) {
      const { member, available: has } = await toppedUp(trx, account, limits.allowance);
      refuseUnaffordable(has, spending.amount, world.now());
      return checkLimits(trx, world, policy, limits, { ...spending, member });
    },
    async foresee(spending, limits) {
      const has = await spendable(spending.member, limits.allowance);
      refuseUnaffordable(has, spending.amount, world.now());
      await compareLimits(database.db, world, policy, limits, spending);
      return has;
    },
    spendable,
    async hold(trx, { member }, { job, amount }) {
      const route = { debit: available(member), credit: held(member) };
      await move(trx, world, { ...route, amount, kind: "hold", job, idem: `hold:${job}` });
    },
    async capture(trx, opened, hold, amount) {
      await settle(trx, world, await toppedUp(trx, opened), hold, { spent: amount, daily });
    },
    async release(trx, opened, hold) {
      await giveBack(trx, world, await toppedUp(trx, opened), hold, hold.amount);
    },
    async grant(trx, { member, amount, id }) {
      await toppedUp(trx, await openAccount(trx, member)); // the day's allowance first: a gift is no part of it
      const route = { debit: issued, credit: available(member) };
      await move(trx, world, { ...route, amount, kind: "grant", job: null, idem: `grant:${id}` });
      return balance(trx, available(member));
    },
    takeBack: (trx, gift) => takeBack(trx, world, gift),
    statement: (member, lines, allowance) =>
      database.transaction(async (trx) => {
        const account = await toppedUp(trx, await openAccount(trx, member), allowance);
        const renewal = { renewsTo: allowanceOf(allowance).to, renewsAt: startOfNextDay(world.now()) };
        const { lines: movements } = await movementsOf(trx, member, { limit: lines });
        return { available: account.available, held: account.held, ...renewal, movements };
      }),
  };
}

async function takeBack(trx: Trx, world: World, gift: Parameters<MemberCredits["takeBack"]>[1]): Promise<Credits> {
  const { member, amount, id } = gift;
  const { available: has } = await openAccount(trx, member);
  const taken = Math.min(amount, has);
  const route = { debit: available(member), credit: issued };
  if (taken > 0)
    await move(trx, world, { ...route, amount: taken, kind: "reversal", job: null, idem: `reversal:${id}` });
  return taken;
}

/** Throws when a member has less than is needed. */
function refuseUnaffordable(has: Credits, needed: Credits, now: number): void {
  if (has >= needed) return;
  throw new Refusal("not-enough-credits", { needed, available: has, renewsAt: startOfNextDay(now) });
}

/** False when it was moved before, or there is nothing to move. */
async function move(trx: Trx, world: World, entry: Omit<Transfer, "at">): Promise<boolean> {
  return entry.amount > 0 && (await transfer(trx, world.id(), { ...entry, at: world.now() }));
}

/** Moves credits of a hold back to its member; false when there is nothing to move. */
function giveBack(trx: Trx, world: World, account: Account, { job }: Hold, amount: Credits): Promise<boolean> {
  const route = { debit: held(account.member), credit: available(account.member) };
  return move(trx, world, { ...route, amount, kind: "release", job, idem: `release:${job}` });
}

/** Divides a hold between the operator and the member, whose account is topped up already. */
async function settle(
  trx: Trx,
  world: World,
  account: Account,
  hold: Hold,
  { spent, daily }: { readonly spent: Credits; readonly daily: Credits },
): Promise<void> {
  const ofYesterday = toppedUpAfter(account, hold.at);
  const { job, payer } = hold;
  const rest = hold.amount - spent;
  const route = { debit: held(account.member), credit: accountsOf(payer).revenue };
  const [back, made] = await Promise.all([
    giveBack(trx, world, account, hold, rest),
    move(trx, world, { ...route, amount: spent, kind: "capture", job, idem: `capture:${job}` }),
  ]);
  if (!made || !ofYesterday) return;
  const given = back ? rest : 0;
  const after = { ...account, available: account.available + given, held: account.held - given - spent };
  await topUpAfterYesterday(trx, world, after, { job, spent, daily });
}
