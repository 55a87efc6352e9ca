import { beforeEach, expect, test } from "vitest";
import type { Limits } from "../../src/credits/credits.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { openTestLedger, type TestLedger } from "../support/test-ledger.ts";

const dayMs = 86_400_000;
const tomorrow = Date.UTC(2026, 10, 21);
const nextMonth = Date.UTC(2026, 11, 1);

onBothStores("limits", (store) => {
  let database: Database;
  let ledger: TestLedger;
  const use = (given: Parameters<typeof openTestLedger>[1]) => {
    ledger = openTestLedger(database, { daily: 100_000, ...given });
  };
  const deliver = async (amount: number, charged: number) => {
    const job = await ledger.accept({ amount });
    await ledger.send(job);
    await ledger.receive(job, charged);
    await ledger.post(job, charged);
  };

  beforeEach(async () => {
    database = await store.open();
    use({});
  });

  test("keep a member within its day in a tenant, and say what is left until when", async () => {
    const limits = { memberDaily: 300 };
    await ledger.accept({ amount: 250 }, limits);
    await expect(ledger.accept({ amount: 51 }, limits)).rejects.toMatchObject({
      code: "member-daily-spent",
      facts: { limit: 300, left: 50, renewsAt: tomorrow },
    });
    await ledger.accept({ amount: 50 }, limits);
    await ledger.accept({ amount: 300, tenant: "another guild" }, limits);
    await ledger.accept({ amount: 300, member: "discord:2" }, limits);
    ledger.world.advance(dayMs);
    await ledger.accept({ amount: 300 }, limits);
  });

  test("count a hold until it is released, and afterwards what was charged", async () => {
    const limits = { memberDaily: 300, tenantMonthly: 300, globalDaily: 300 };
    const cancelled = await ledger.accept({ amount: 300 }, limits);
    await expect(ledger.accept({ amount: 1 }, limits)).rejects.toMatchObject({ facts: { left: 0 } });
    await ledger.cancel(cancelled);
    await deliver(300, 100);
    for (const only of [{ memberDaily: 300 }, { tenantMonthly: 300 }, { globalDaily: 300 }]) {
      await expect(ledger.accept({ amount: 201 }, only)).rejects.toMatchObject({ facts: { left: 200 } });
    }
    await ledger.accept({ amount: 200 }, limits);
  });

  test("keep a tenant within its month, by the stricter of two limits", async () => {
    use({ tenantMonthly: 500 });
    await ledger.accept({ amount: 400 }, { tenantMonthly: 900 });
    const refused = { code: "tenant-budget-spent", facts: { limit: 500, left: 100, renewsAt: nextMonth } };
    await expect(ledger.accept({ amount: 101 }, { tenantMonthly: 900 })).rejects.toMatchObject(refused);
    await expect(ledger.accept({ amount: 1 }, { tenantMonthly: 400 })).rejects.toMatchObject({ facts: { left: 0 } });
    await ledger.accept({ amount: 500, tenant: "another guild" });
    ledger.world.advance(11 * dayMs);
    await ledger.accept({ amount: 500 });
  });

  test("keep everybody within the operator's day", async () => {
    use({ globalDaily: 150 });
    await ledger.accept({ amount: 100 });
    const ask = { amount: 51, member: "discord:2", tenant: "another guild" };
    await expect(ledger.accept(ask)).rejects.toMatchObject({
      code: "global-budget-spent",
      facts: { left: 50, renewsAt: tomorrow },
    });
    ledger.world.advance(dayMs);
    await ledger.accept(ask);
  });

  test("tell the hold that brings a budget to four fifths, and no other", async () => {
    const ask = (member: string, tenant: string, amount: number, limits: Limits) =>
      database.transaction(async (trx) =>
        ledger.credits.allow(trx, await ledger.credits.open(trx, member), { tenant, amount }, limits),
      );
    const hold = (amount: number) => ask("discord:1", "guild", amount, { tenantMonthly: 1000 });
    await ledger.accept({ amount: 700 });
    expect(await hold(99)).toEqual([]);
    expect(await hold(100)).toEqual([{ scope: "tenant", spent: 800, limit: 1000, renewsAt: nextMonth }]);
    await ledger.accept({ amount: 100 });
    expect(await hold(100)).toEqual([]);
    const everybody = await ask("discord:3", "third", 300, { globalDaily: 1200, tenantMonthly: 300 });
    expect(everybody.map(({ scope, spent }) => [scope, spent])).toEqual([
      ["global", 1100],
      ["tenant", 300],
    ]);
  });

  test.for([
    ["a member's day", { memberDaily: 500 }, () => "discord:1"],
    ["a tenant's month", { tenantMonthly: 500 }, (i: number) => `discord:${i}`],
    ["everybody's day", { globalDaily: 500 }, (i: number) => `discord:${i}`],
  ] as const)("accept exactly as many of 30 simultaneous jobs as %s allows", async ([, limits, member]) => {
    for (let i = 0; i < 30; i++) await ledger.credits.statement(member(i), 0); // or else the top-ups would queue up
    const asks = Array.from({ length: 30 }, (_, i) => ledger.accept({ amount: 100, member: member(i) }, limits));
    const ended = await Promise.allSettled(asks);
    expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    for (const end of ended) if (end.status === "rejected") expect(end.reason).toMatchObject({ facts: { left: 0 } });
  });
});
