import type { Context } from "../../context.ts";
import type { ProviderStatus } from "../../contract/admin.ts";
import type { Caller } from "../../contract/usecases.ts";
import { callStats } from "../../jobs/calls.ts";
import { isOperator, requireAdmin } from "../../policy/rights.ts";
import { lastingName } from "../../providers/offered.ts";
import { endDate } from "../../providers/retirements.ts";
import { serviceOf } from "../../request.ts";
import { isPresent } from "../../store/presence.ts";

const dayMs = 86_400_000;

/** Every service now, in the order of preference; what the operator has left there only for operators. */
export async function providers(context: Context, caller: Caller): Promise<readonly ProviderStatus[]> {
  requireAdmin(context, caller);
  const { router, breakers, database, world } = context;
  const balances = isOperator(context, caller) ? await context.balances.read() : {};
  const since = world.now() - dayMs;
  const all = router.names.map(async (name): Promise<ProviderStatus> => {
    const provider = router.get(name);
    const kept = provider ? lastingName(provider) : name;
    const balance = balances[serviceOf(name)];
    const end = router.retirement(name);
    return {
      name,
      label: provider?.label ?? name,
      state: breakers.isResting(kept) || breakers.isOpen(kept) ? "resting" : "working",
      concurrency: provider?.concurrency ?? 0,
      ...(balance ? { balance: { amount: balance.amount, unit: balance.unit, low: balance.low } } : {}),
      ...(end ? { ends: { model: end.model, date: endDate(end), hasEnded: end.endsAt <= world.now() } } : {}),
      ...(await callStats(database.db, [...new Set([name, kept])], since)),
    };
  });
  return Promise.all(all);
}

export async function draws(context: Context, caller: Caller): Promise<boolean> {
  requireAdmin(context, caller);
  return isPresent(context.database.db, context.world.now());
}
