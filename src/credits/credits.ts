import { sql } from "kysely";
import { Refusal } from "../errors.ts";
import type { Credits } from "../request.ts";
import type { Database, Trx } from "../store/database.ts";
import type { World } from "../world.ts";
import { startOfNextDay } from "./days.ts";
import { available, balance, held, revenue, transfer } from "./ledger.ts";
import { type Budgets, checkBudgets } from "./limits.ts";
import { topUp, topUpAfterYesterday } from "./top-up.ts";

export interface CreditPolicy extends Budgets {
  /** Each UTC day a member is topped up to this. */
  readonly daily: Credits;
}

/** A job as the ledger knows it. */
export interface Held {
  readonly job: string;
  readonly member: string;
  readonly amount: Credits;
  /** When it was held. */
  readonly at: number;
}

export interface Statement {
  readonly available: Credits;
  readonly held: Credits;
  readonly renewsTo: Credits;
  readonly renewsAt: number;
  /** Newest first; a job's movements are one. */
  readonly movements: readonly StatementLine[];
}

export interface StatementLine {
  readonly at: number;
  readonly kind: "top-up" | "grant" | "hold" | "spent";
  readonly amount: Credits;
  readonly job?: string;
}

/** Members' money: the only door to the ledger. Everything that moves credits takes the caller's transaction. */
export interface MemberCredits {
  /** Takes `amount` aside for a job, or refuses: `not-enough-credits`, `*-budget-spent`. Before the job is queued: budgets count queued jobs. */
  hold(trx: Trx, job: { job: string; member: string; tenant: string; amount: Credits }): Promise<void>;
  /** Settles a hold: `amount` (at most what is held) is spent, the rest goes back. */
  capture(trx: Trx, hold: Held, amount: Credits): Promise<void>;
  /** Gives a whole hold back. */
  release(trx: Trx, hold: Held): Promise<void>;
  /** Locks the member's account for this transaction and tops it up; gives what is available. */
  lock(trx: Trx, member: string): Promise<Credits>;
  statement(member: string, lines: number): Promise<Statement>;
}

export function createCredits(database: Database, world: World, policy: CreditPolicy): MemberCredits {
  const { daily } = policy;
  async function lock(trx: Trx, member: string): Promise<Credits> {
    await topUp(trx, world, member, daily);
    return balance(trx, available(member));
  }
  async function giveBack(trx: Trx, hold: Held, amount: Credits): Promise<void> {
    if (amount === 0) return;
    const { job, member } = hold;
    const at = world.now();
    const idem = `release:${job}`;
    await transfer(trx, world.id(), {
      debit: held(member),
      credit: available(member),
      amount,
      kind: "release",
      job,
      at,
      idem,
    });
  }
  return {
    lock,
    async hold(trx, { job, member, tenant, amount }) {
      const has = await lock(trx, member);
      const at = world.now();
      if (has < amount) {
        throw new Refusal("not-enough-credits", { needed: amount, available: has, renewsAt: startOfNextDay(at) });
      }
      await checkBudgets(trx, world, policy, { tenant, amount });
      if (amount === 0) return;
      const idem = `hold:${job}`;
      await transfer(trx, world.id(), {
        debit: available(member),
        credit: held(member),
        amount,
        kind: "hold",
        job,
        at,
        idem,
      });
    },
    async capture(trx, hold, amount) {
      const { job, member } = hold;
      await lock(trx, member);
      await giveBack(trx, hold, hold.amount - amount);
      if (amount === 0) return;
      const at = world.now();
      const idem = `capture:${job}`;
      await transfer(trx, world.id(), { debit: held(member), credit: revenue, amount, kind: "capture", job, at, idem });
      await topUpAfterYesterday(trx, world, { member, job, spent: amount, heldAt: hold.at }, daily);
    },
    async release(trx, hold) {
      await lock(trx, hold.member);
      await giveBack(trx, hold, hold.amount);
    },
    statement: (member, lines) =>
      database.transaction(async (trx) => ({
        available: await lock(trx, member),
        held: await balance(trx, held(member)),
        renewsTo: daily,
        renewsAt: startOfNextDay(world.now()),
        movements: await movements(trx, member, lines),
      })),
  };
}

async function movements(trx: Trx, member: string, lines: number): Promise<StatementLine[]> {
  const account = available(member);
  const { rows } = await sql<{ at: number; kind: StatementLine["kind"]; amount: number; job: string | null }>`
    select max(at) as at, job, cast(sum(case when credit = ${account} then amount else -amount end) as bigint) as amount,
      case when job is null then min(kind)
        when exists (select 1 from transfer c where c.job = t.job and c.kind = 'capture') then 'spent' else 'hold' end as kind
    from transfer t where debit = ${account} or credit = ${account}
    group by coalesce(job, id), job
    having sum(case when credit = ${account} then amount else -amount end) <> 0
    order by max(id) desc limit ${lines}`.execute(trx);
  return rows.map(({ job, ...line }) => ({ ...line, ...(job === null ? {} : { job }) }));
}
