import { Refusal } from "../errors.ts";
import type { Credits, Payer } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import type { World } from "../world.ts";
import { dayNumber, startOfDay, startOfMonth, startOfNextDay, startOfNextMonth } from "./days.ts";
import { lockAccounts } from "./ledger.ts";

/** Spending limits of the operator; undefined means none. */
export interface Budgets {
  readonly tenantMonthly: Credits | undefined;
  readonly globalDaily: Credits | undefined;
}

/** The limits of one request; an undefined one is as the policy has it. */
export interface Limits {
  /** The member is topped up to this each UTC day, never to less than the policy says. */
  readonly allowance?: Credits | undefined;
  /** The most that the member may spend in this tenant in a UTC day. */
  readonly memberDaily?: Credits | undefined;
  /** The most that the member may spend in all tenants together in a UTC day. */
  readonly memberDailyEverywhere?: Credits | undefined;
  /** The most that the member, an account of workflow steps, may spend in this tenant in a UTC month. */
  readonly stepsMonthly?: Credits | undefined;
  /** The most that all may spend in this tenant in a UTC month, whoever pays the services. */
  readonly tenantMonthly?: Credits | undefined;
  /** The same of what the operator pays; the policy's own limit still counts. */
  readonly operatorMonthly?: Credits | undefined;
  /** The most that all may spend everywhere in a UTC day. */
  readonly globalDaily?: Credits | undefined;
}

/** A budget of which four fifths are spent now, and were not before. */
export interface BudgetLow {
  readonly scope: "tenant" | "global";
  readonly spent: Credits;
  readonly limit: Credits;
  readonly renewsAt: number;
}

/** An amount that a member would spend in a tenant. */
export interface Spending {
  readonly member: string;
  readonly tenant: string;
  readonly amount: Credits;
  /** As much of it is for services that the tenant pays by keys of its own: no limit of the operator's counts it. */
  readonly own?: Credits | undefined;
}

/**
 * Refuses what would pass a limit; holds count as spent, on the day of their job, until they are released. The member's
 * account is locked by the caller, and a transaction holds for one job. Throws Refusal `member-daily-spent`,
 * `steps-budget-spent`, `tenant-budget-spent`, `global-budget-spent`.
 */
export async function checkLimits(
  trx: Trx,
  world: World,
  policy: Budgets,
  limits: Limits,
  ask: Spending,
): Promise<readonly BudgetLow[]> {
  const { globalDaily, tenantMonthly, operatorMonthly } = applicable(policy, limits, ask);
  // Two members must not both take the last credits; everybody locks in this order.
  if (globalDaily !== undefined) await lockAccounts(trx, "ops:global-budget");
  if (tenantMonthly !== undefined || operatorMonthly !== undefined) await lockAccounts(trx, `ops:budget:${ask.tenant}`);
  return compareLimits(trx, world, policy, limits, ask);
}

/** Compares the same without locks: another spending at this moment may still pass the limit. */
export async function compareLimits(
  db: Db | Trx,
  world: World,
  policy: Budgets,
  limits: Limits,
  ask: Spending,
): Promise<readonly BudgetLow[]> {
  const now = world.now();
  const ofOperator = { ...ask, amount: operatorPart(ask) };
  const { memberDaily, memberDailyEverywhere, stepsMonthly, globalDaily, ...monthly } = applicable(policy, limits, ask);
  if (memberDailyEverywhere !== undefined) await checkMember(db, now, memberDailyEverywhere, ofOperator, false);
  if (memberDaily !== undefined) await checkMember(db, now, memberDaily, ask, true);
  if (stepsMonthly !== undefined) await checkSteps(db, now, stepsMonthly, ask);
  const global = globalDaily === undefined ? undefined : await checkGlobal(db, now, globalDaily, ofOperator);
  const months = [
    { limit: monthly.operatorMonthly, asked: ofOperator, payers: "operator" },
    { limit: monthly.tenantMonthly, asked: ask, payers: "all" },
  ] as const;
  const lows: (BudgetLow | undefined)[] = [];
  for (const { limit, asked, payers } of months.toSorted(byLimit)) {
    if (limit !== undefined) lows.push(await checkTenant(db, now, limit, asked, payers));
  }
  return [global, lows.find((low) => low !== undefined)].filter((low) => low !== undefined);
}

type Limited = { readonly limit: Credits | undefined };

/** The strictest first: it is the one to be told of. */
const byLimit = (one: Limited, other: Limited) => (one.limit ?? 0) - (other.limit ?? 0);

const operatorPart = ({ amount, own = 0 }: Spending): Credits => amount - own;

/** The limits that count for a spending: those of the operator only where the operator pays for some of it. */
function applicable(policy: Budgets, limits: Limits, ask: Spending): Limits {
  const { memberDaily, stepsMonthly, tenantMonthly } = limits;
  if (operatorPart(ask) === 0 && ask.amount > 0) return { memberDaily, stepsMonthly, tenantMonthly };
  const operatorMonthly = stricter(limits.operatorMonthly, policy.tenantMonthly);
  return { ...limits, globalDaily: limits.globalDaily ?? policy.globalDaily, operatorMonthly };
}

async function checkMember(
  db: Db | Trx,
  now: number,
  limit: Credits,
  { member, tenant, amount }: Spending,
  onlyHere: boolean,
): Promise<void> {
  const scope = onlyHere ? ({ tenant } as const) : ({ payer: "operator" } as const);
  const left = leftOf(limit, await spentByMember(db, startOfDay(now), member, scope));
  if (amount <= left) return;
  const facts = { limit, left, renewsAt: startOfNextDay(now), everywhere: !onlyHere };
  throw new Refusal("member-daily-spent", facts);
}

async function checkSteps(
  db: Db | Trx,
  now: number,
  limit: Credits,
  { member, tenant, amount }: Spending,
): Promise<void> {
  const left = leftOf(limit, await spentByMember(db, startOfMonth(now), member, { tenant }));
  if (amount > left) throw new Refusal("steps-budget-spent", { limit, left, renewsAt: startOfNextMonth(now) });
}

async function checkGlobal(
  db: Db | Trx,
  now: number,
  limit: Credits,
  { amount }: Spending,
): Promise<BudgetLow | undefined> {
  const before = await spentSince(db, { since: startOfDay(now), payers: "operator" });
  const left = leftOf(limit, before);
  const renewsAt = startOfNextDay(now);
  if (amount > left) throw new Refusal("global-budget-spent", { left, renewsAt });
  return lowAfter({ scope: "global", spent: before + amount, limit, renewsAt }, before);
}

async function checkTenant(
  db: Db | Trx,
  now: number,
  limit: Credits,
  { tenant, amount }: Spending,
  payers: Payers,
): Promise<BudgetLow | undefined> {
  const before = await spentSince(db, { since: startOfMonth(now), tenant, payers });
  const left = leftOf(limit, before);
  const renewsAt = startOfNextMonth(now);
  if (amount > left) throw new Refusal("tenant-budget-spent", { limit, left, renewsAt });
  return lowAfter({ scope: "tenant", spent: before + amount, limit, renewsAt }, before);
}

/** A limit may have been lowered below what was spent already. */
const leftOf = (limit: Credits, spent: Credits) => Math.max(0, limit - spent);

const stricter = (one: Credits | undefined, other: Credits | undefined) =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

function lowAfter(low: BudgetLow, before: Credits): BudgetLow | undefined {
  const isLow = (spent: Credits) => spent * 5 >= low.limit * 4;
  return isLow(low.spent) && !isLow(before) ? low : undefined;
}

/** The payers whose jobs count. */
export type Payers = "operator" | "all";

/** From here on, figures are of what tenants pay by keys of their own. */
const firstOwnPart = 16;

/** The credits that count against a budget: by everybody, or in one tenant; a running figure. */
export async function spentSince(
  db: Db | Trx,
  { since, tenant, payers }: { readonly since: number; readonly tenant?: string; readonly payers: Payers },
): Promise<Credits> {
  const row = await db
    .selectFrom("daily_spending")
    .select((e) => e.cast<number>(e.fn.coalesce(e.fn.sum("amount"), e.lit(0)), "bigint").as("spent"))
    .where("day", ">=", dayNumber(since))
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .$if(payers === "operator", (query) => query.where("part", "<", firstOwnPart))
    .executeTakeFirstOrThrow();
  return row.spent;
}

async function spentByMember(
  db: Db | Trx,
  since: number,
  member: string,
  { tenant, payer }: { readonly tenant?: string; readonly payer?: Payer },
): Promise<Credits> {
  const row = await db
    .selectFrom("job")
    .select((e) =>
      e
        .cast<number>(
          e.fn.coalesce(e.fn.sum(e(e.fn.coalesce("charged", "held"), "+", e.ref("goodwill"))), e.lit(0)),
          "bigint",
        )
        .as("spent"),
    )
    .where("member", "=", member)
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .$if(payer !== undefined, (query) => query.where("payer", "=", payer ?? "operator"))
    .where("created_at", ">=", since)
    .where("state", "not in", ["failed", "cancelled"])
    .executeTakeFirstOrThrow();
  return row.spent;
}
