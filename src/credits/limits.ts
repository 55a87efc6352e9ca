import { Refusal } from "../errors.ts";
import type { Credits } from "../request.ts";
import type { Trx } from "../store/database.ts";
import type { World } from "../world.ts";
import { startOfDay, startOfMonth, startOfNextDay, startOfNextMonth } from "./days.ts";
import { lockAccount } from "./ledger.ts";

/** Spending limits of the operator; undefined means none. */
export interface Budgets {
  readonly tenantMonthly: Credits | undefined;
  readonly globalDaily: Credits | undefined;
}

/** Refuses what would pass a budget; holds count as spent until they are released. Throws `*-budget-spent`. */
export async function checkBudgets(
  trx: Trx,
  world: World,
  budgets: Budgets,
  ask: { tenant: string; amount: Credits },
): Promise<void> {
  const now = world.now();
  if (budgets.globalDaily !== undefined) {
    await lockAccount(trx, "ops:global-budget"); // two members must not both take the last credits
    const left = budgets.globalDaily - (await spentSince(trx, startOfDay(now)));
    if (ask.amount > left) throw new Refusal("global-budget-spent", { left, renewsAt: startOfNextDay(now) });
  }
  if (budgets.tenantMonthly !== undefined) {
    const limit = budgets.tenantMonthly;
    await lockAccount(trx, `ops:budget:${ask.tenant}`);
    const left = limit - (await spentSince(trx, startOfMonth(now), ask.tenant));
    if (ask.amount > left) throw new Refusal("tenant-budget-spent", { limit, left, renewsAt: startOfNextMonth(now) });
  }
}

async function spentSince(trx: Trx, since: number, tenant?: string): Promise<Credits> {
  const row = await trx
    .selectFrom("job")
    .select((e) =>
      e.cast<number>(e.fn.coalesce(e.fn.sum(e.fn.coalesce("charged", "held")), e.lit(0)), "bigint").as("spent"),
    )
    .where("created_at", ">=", since)
    .where("state", "not in", ["failed", "cancelled", "undeliverable"])
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .executeTakeFirstOrThrow();
  return row.spent;
}
