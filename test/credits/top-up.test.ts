import { beforeEach, expect, test } from "vitest";
import { dayOf } from "../../src/credits/days.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { openTestLedger, type TestLedger } from "../support/test-ledger.ts";

const dayMs = 86_400_000;
const member = "discord:1";

onBothStores("the daily allowance", (store) => {
  let database: Database;
  let ledger: TestLedger;
  const has = (allowance?: number) => ledger.credits.statement(member, 0, allowance).then(({ available }) => available);
  const spend = async (amount: number) => {
    const job = await ledger.accept({ amount });
    await ledger.send(job);
    await ledger.receive(job, amount);
    await ledger.post(job, amount);
  };

  beforeEach(async () => {
    database = await store.open();
    ledger = openTestLedger(database);
  });

  test("is the role's where that is more, and the policy's where it is less", async () => {
    expect(await has(200)).toBe(1000);
    ledger.world.advance(dayMs);
    expect(await has(2500)).toBe(2500);
    expect(await ledger.credits.statement(member, 0, 2500)).toMatchObject({ renewsTo: 2500, available: 2500 });
  });

  test("that a role raises on the same day adds the difference only, and once", async () => {
    expect(await has()).toBe(1000);
    await spend(300);
    expect(await has(1500)).toBe(1200);
    expect(await has(1500)).toBe(1200);
    expect(await has()).toBe(1200);
    expect(await has(1600)).toBe(1300);
  });

  test("adds once when many ask at the same time", async () => {
    await has();
    await Promise.all(Array.from({ length: 10 }, () => has(1500)));
    expect(await has()).toBe(1500);
  });

  test("is made whole at the role's level when yesterday's hold is spent", async () => {
    const job = await ledger.accept({ amount: 2000 }, { allowance: 2500 });
    ledger.world.advance(dayMs);
    expect(await has(2500)).toBe(500);
    await ledger.send(job);
    await ledger.receive(job, 2000);
    await ledger.post(job, 2000);
    expect(await has()).toBe(2500);
  });

  test("of the previous version, which wrote no level down, was the policy's", async () => {
    await spend(300);
    const today = dayOf(ledger.world.now());
    await database.db.updateTable("account").set({ topped_up_on: today, topped_up_to: null }).execute();
    expect(await has(1500)).toBe(1200);
  });

  test("comes before a gift, which is given once and on top of it", async () => {
    const give = () => database.transaction((trx) => ledger.credits.grant(trx, { member, amount: 250, id: "gift" }));
    expect(await give()).toBe(1250);
    expect(await give()).toBe(1250);
    const { movements } = await ledger.credits.statement(member, 10);
    expect(movements.map(({ kind, amount }) => [kind, amount])).toEqual([
      ["grant", 250],
      ["top-up", 1000],
    ]);
  });
});
