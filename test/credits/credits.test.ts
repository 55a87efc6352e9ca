import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { type CreditPolicy, createCredits, type MemberCredits } from "../../src/credits/credits.ts";
import { Overdrawn } from "../../src/credits/ledger.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

const dayMs = 86_400_000;
const member = "discord:1";

onBothStores("credits", (store) => {
  let database: Database;
  let world: TestWorld;
  let credits: MemberCredits;

  const policy: CreditPolicy = { daily: 1000, tenantMonthly: undefined, globalDaily: undefined };
  const use = (given: Partial<CreditPolicy>) => createCredits(database, world, { ...policy, ...given });
  const take = async (trx: Trx, job: string, amount: number, from = credits, tenant = "t") => {
    const account = await from.open(trx, member);
    const low = await from.allow(trx, account, { tenant, amount }, {});
    await from.hold(trx, account, held(job, amount));
    return low;
  };
  const hold = (job: string, amount: number, from = credits, tenant = "t") =>
    database.transaction((trx) => take(trx, job, amount, from, tenant));
  const held = (job: string, amount: number, at = world.now()) => ({ job, amount, at });
  const capture = (job: string, amount: number, spent: number, at?: number) =>
    database.transaction(async (trx) =>
      credits.capture(trx, await credits.open(trx, member), held(job, amount, at), spent),
    );
  const release = (job: string, amount: number, at?: number) =>
    database.transaction(async (trx) => credits.release(trx, await credits.open(trx, member), held(job, amount, at)));
  const balances = async () => {
    const { available, held } = await credits.statement(member, 0);
    return { available, held };
  };

  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
    credits = use({});
  });

  test("tops a member up once in each UTC day", async () => {
    expect(await balances()).toEqual({ available: 1000, held: 0 });
    await hold("a", 300);
    await capture("a", 300, 300);
    expect(await balances()).toEqual({ available: 700, held: 0 });
    world.advance(dayMs);
    expect(await balances()).toEqual({ available: 1000, held: 0 });
  });

  test("says what it renews to and when", async () => {
    const view = await credits.statement(member, 0);
    expect(view).toMatchObject({ renewsTo: 1000, renewsAt: Date.UTC(2026, 10, 21) });
  });

  test("takes a hold out of what is available, and gives a released one back whole", async () => {
    await hold("a", 400);
    expect(await balances()).toEqual({ available: 600, held: 400 });
    await release("a", 400);
    expect(await balances()).toEqual({ available: 1000, held: 0 });
  });

  test("captures what was delivered and gives the rest back", async () => {
    await hold("a", 500);
    await capture("a", 500, 250);
    expect(await balances()).toEqual({ available: 750, held: 0 });
  });

  test("captures or releases a hold once, however often it is asked to", async () => {
    await hold("a", 500);
    await hold("b", 500);
    await capture("a", 500, 500);
    await capture("a", 500, 500);
    expect(await balances()).toEqual({ available: 0, held: 500 });
    await release("b", 500);
    await release("b", 500);
    expect(await balances()).toEqual({ available: 500, held: 0 });
  });

  test("refuses a hold that the balance does not cover, with what is needed, left, and when it renews", async () => {
    await hold("a", 900);
    await expect(hold("b", 101)).rejects.toMatchObject({
      code: "not-enough-credits",
      facts: { needed: 101, available: 100, renewsAt: Date.UTC(2026, 10, 21) },
    });
    expect(await balances()).toEqual({ available: 100, held: 900 });
  });

  test("accepts exactly one of 50 simultaneous holds with credits for one", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => hold(`job-${i}`, 1000)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await balances()).toEqual({ available: 0, held: 1000 });
  });

  test("cannot settle more than was held", async () => {
    await hold("a", 100);
    await expect(capture("b", 200, 200)).rejects.toThrow(Overdrawn);
    expect(await balances()).toEqual({ available: 900, held: 100 });
  });

  describe("over midnight", () => {
    test("a hold that is cancelled the next day is no second allowance", async () => {
      const at = world.now();
      await hold("a", 800);
      world.advance(dayMs);
      expect(await balances()).toEqual({ available: 200, held: 800 });
      await release("a", 800, at);
      expect(await balances()).toEqual({ available: 1000, held: 0 });
    });

    test("a hold of yesterday that is spent today leaves today's allowance whole", async () => {
      const at = world.now();
      await hold("a", 800);
      world.advance(dayMs);
      await capture("a", 800, 600, at);
      expect(await balances()).toEqual({ available: 1000, held: 0 });
    });
  });

  test("keeps a tenant within its month", async () => {
    credits = use({ tenantMonthly: 500 });
    const ask = async (id: string, amount: number, tenant: string) =>
      database.transaction(async (trx) => {
        await take(trx, id, amount, credits, tenant);
        await enqueue(trx, newJob(world, { id, tenant, member, held: amount }));
      });
    await ask("a", 400, "guild");
    await expect(ask("b", 200, "guild")).rejects.toMatchObject({
      code: "tenant-budget-spent",
      facts: { limit: 500, left: 100, renewsAt: Date.UTC(2026, 11, 1) },
    });
    await ask("c", 100, "guild");
    await ask("d", 200, "another guild");
  });

  test("keeps everybody within the operator's day", async () => {
    credits = use({ globalDaily: 150 });
    await expect(hold("a", 151)).rejects.toMatchObject({ code: "global-budget-spent", facts: { left: 150 } });
    await hold("a", 150);
  });

  test("tells a job's movements as one line, newest first", async () => {
    await hold("a", 500);
    world.advance(1000);
    await capture("a", 500, 250);
    await hold("b", 100);
    await release("b", 100);
    await hold("c", 30);
    const { movements } = await credits.statement(member, 10);
    expect(movements.map(({ kind, amount, job }) => [kind, amount, job])).toEqual([
      ["hold", -30, "c"],
      ["spent", -250, "a"],
      ["top-up", 1000, undefined],
    ]);
  });

  test("keeps every balance equal to the sum of its transfers, and the sum of all balances 0", async () => {
    await hold("a", 500);
    await capture("a", 500, 200);
    await hold("b", 50);
    const { rows } = await sql`
      select id from account where balance <>
        (select coalesce(sum(amount), 0) from transfer where credit = account.id) -
        (select coalesce(sum(amount), 0) from transfer where debit = account.id)`.execute(database.db);
    expect(rows).toEqual([]);
    const total = await sql<{ n: number }>`select cast(sum(balance) as bigint) as n from account`.execute(database.db);
    expect(total.rows).toEqual([{ n: 0 }]);
  });
});
