import { expect, test } from "vitest";
import { createCredits } from "../../src/credits/credits.ts";
import { transfer } from "../../src/credits/ledger.ts";
import { audit } from "../../src/store/audit.ts";
import type { Trx } from "../../src/store/connection.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

onBothStores("the operator's accounts", (store) => {
  const open = async () => {
    const [database, world] = [await store.open(), testWorld()];
    const policy = { daily: 100, tenantMonthly: undefined, globalDaily: undefined };
    return { database, world, credits: createCredits(database, world, policy) };
  };

  if (store.engine === "postgres") {
    test("do not hold up a member while another one's transaction goes on", async () => {
      const { database, credits } = await open();
      const give = (trx: Trx, member: string) => credits.grant(trx, { member, amount: 5, id: member });
      await database.transaction((trx) => give(trx, "first")); // an account is opened once
      const [given, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const slow = database.transaction(async (trx) => {
        await give(trx, "slow");
        given.resolve();
        await goOn.promise;
      });
      await given.promise;
      expect(await database.transaction((trx) => give(trx, "quick"))).toBe(105);
      goOn.resolve();
      await slow;
      const { balance } = await database.db
        .selectFrom("account")
        .select("balance")
        .where("id", "=", "ops:issued")
        .executeTakeFirstOrThrow();
      expect(balance).toBe(-315);
      expect(await audit(database.db)).toEqual([]);
    });
  }

  test("are as they were when a transaction fails after its transfers", async () => {
    const { database, credits } = await open();
    await database.transaction((trx) => credits.grant(trx, { member: "a", amount: 5, id: "first" }));
    const failing = database.transaction(async (trx) => {
      await credits.grant(trx, { member: "a", amount: 7, id: "second" });
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(await audit(database.db)).toEqual([]);
    expect((await credits.statement("a", 9)).available).toBe(105);
  });

  test("are not written by anything but a transaction of the database's own", async () => {
    const { database, world } = await open();
    const entry = {
      debit: "ops:issued",
      credit: "ops:goodwill",
      amount: 1,
      kind: "grant" as const,
      job: null,
      at: 0,
      idem: "x",
    };
    const stray = database.db.transaction().execute((trx) => transfer(trx, world.id(), entry));
    await expect(stray).rejects.toThrow("its last statements would be lost");
    expect(await database.db.selectFrom("transfer").selectAll().execute()).toEqual([]);
  });
});
