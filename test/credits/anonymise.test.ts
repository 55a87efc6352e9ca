import { beforeEach, expect, test } from "vitest";
import { anonymise } from "../../src/credits/anonymise.ts";
import { audit, totals } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";
import { openTestLedger, type TestLedger } from "../support/test-ledger.ts";

const member = "discord:1";

onBothStores("anonymity", (store) => {
  let database: Database;
  let ledger: TestLedger;
  const erase = (name = "p1") => database.transaction((trx) => anonymise(trx, member, name));
  const received = async () => {
    const job = await ledger.accept({ amount: 300 });
    await ledger.send(job);
    await ledger.receive(job, 200);
    return job;
  };

  beforeEach(async () => {
    database = await store.open();
    ledger = openTestLedger(database);
  });

  test("takes a name out of every account and transfer, and changes no sum", async () => {
    const job = await received();
    await ledger.post(job, 200);
    ledger.world.advance(86_400_000);
    await ledger.cancel(await ledger.accept({ amount: 50 }));
    await ledger.accept({ member: "discord:10", amount: 70 });
    const before = await totals(database.db);
    await erase();
    expect(await totals(database.db)).toEqual(before);
    expect(await audit(database.db)).toEqual([]);
    const texts = JSON.stringify([
      await database.db.selectFrom("account").selectAll().execute(),
      await database.db.selectFrom("transfer").selectAll().execute(),
    ]);
    expect(texts).not.toMatch(/discord:1(?!0)/);
    expect(texts).toContain("member:erased:p1");
    expect(texts).toContain("top-up:discord:10:");
  });

  test("waits until nothing is held", async () => {
    const job = await received();
    await expect(erase()).rejects.toMatchObject({ code: "job-not-finished" });
    await ledger.post(job, 200);
    await erase();
  });

  test("is the only change of a transfer that the store lets through", async () => {
    await ledger.post(await received(), 200);
    const change = (values: object) => database.db.updateTable("transfer").set(values).where("kind", "=", "hold");
    await database.db
      .insertInto("account")
      .values(["member:erased:p2", "held:erased:p2", "member:other"].map((id) => ({ ...empty, id })))
      .execute();
    for (const forbidden of [
      { debit: "member:other" },
      { debit: "held:erased:p2" },
      { debit: "member:erased:p2", amount: 1 },
      { debit: "member:erased:p2", job: "another" },
      { idem: "hold:another" },
      { kind: "grant" },
      { at: 1 },
    ]) {
      await expect(change(forbidden).execute(), JSON.stringify(forbidden)).rejects.toThrow("append-only");
    }
    await expect(database.db.deleteFrom("transfer").execute()).rejects.toThrow("append-only");
    await erase();
    await expect(change({ debit: "member:erased:p2" }).execute()).rejects.toThrow("append-only");
  });

  test("leaves a member who comes back with an account like anybody's", async () => {
    await ledger.post(await received(), 200);
    await erase();
    expect(await ledger.credits.statement(member, 10)).toMatchObject({ available: 1000, held: 0 });
    await erase("p2");
    expect(await audit(database.db)).toEqual([]);
  });
});

const empty = { balance: 0, topped_up_on: null, topped_up_to: null };
