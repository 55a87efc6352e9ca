import { beforeEach, expect, test } from "vitest";
import { bookGoodwill, bookSpend, bookUnknown, settleUnknown } from "../../src/credits/spend.ts";
import { totals } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

const call = { attempt: "call-1", job: "job-1", provider: "tokenhub", amount: 80 };

onBothStores("what services cost", (store) => {
  let database: Database;
  const world = testWorld();
  const twice = async (book: Parameters<Database["transaction"]>[0]) => {
    await database.transaction(book);
    await database.transaction(book);
  };
  const balances = async () => {
    const rows = await database.db.selectFrom("account").select(["id", "balance"]).where("balance", "<>", 0).execute();
    return Object.fromEntries(rows.map(({ id, balance }) => [id, balance]));
  };

  beforeEach(async () => {
    database = await store.open();
  });

  test("is booked once for each call, however often it is told", async () => {
    await twice((trx) => bookSpend(trx, world, call));
    await twice((trx) => bookSpend(trx, world, { ...call, attempt: "call-2", amount: 20 }));
    expect(await balances()).toEqual({ "ops:funds": -100, "provider:tokenhub": 100 });
  });

  test("is counted apart while nobody knows whether it was charged", async () => {
    await twice((trx) => bookUnknown(trx, world, call));
    expect(await balances()).toEqual({ "ops:funds": -80, "ops:unknown:tokenhub": 80 });
    expect(await totals(database.db)).toMatchObject({ unknown: 80, services: 0 });
  });

  test("moves on to the service when the operator says that it was charged", async () => {
    await database.transaction((trx) => bookUnknown(trx, world, call));
    await twice((trx) => settleUnknown(trx, world, { ...call, billed: true }));
    expect(await balances()).toEqual({ "ops:funds": -80, "provider:tokenhub": 80 });
  });

  test("comes back when the operator says that it was not, and the first word counts", async () => {
    await database.transaction((trx) => bookUnknown(trx, world, call));
    await twice((trx) => settleUnknown(trx, world, { ...call, billed: false }));
    await database.transaction((trx) => settleUnknown(trx, world, { ...call, billed: true }));
    expect(await balances()).toEqual({});
  });

  test("is paid by the house for images that no member pays for", async () => {
    await twice((trx) => bookGoodwill(trx, world, { job: "job-1", amount: 125 }));
    expect(await balances()).toEqual({ "ops:goodwill": -125, "ops:revenue": 125 });
  });

  test("leaves no trace where it was nothing", async () => {
    const free = { ...call, amount: 0 };
    await database.transaction(async (trx) => {
      await bookSpend(trx, world, free);
      await bookUnknown(trx, world, free);
      await settleUnknown(trx, world, { ...free, billed: true });
      await bookGoodwill(trx, world, free);
    });
    expect(await database.db.selectFrom("transfer").select("id").execute()).toEqual([]);
  });
});
