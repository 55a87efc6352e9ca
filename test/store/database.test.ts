import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("the store", (store) => {
  test("commits a transaction as a whole, or nothing of it", async () => {
    const { db, transaction } = await store.open();
    const account = { balance: 5, topped_up_on: null };
    await transaction((trx) =>
      trx
        .insertInto("account")
        .values({ id: "kept", ...account })
        .execute(),
    );
    const failing = transaction(async (trx) => {
      await trx
        .insertInto("account")
        .values({ id: "lost", ...account })
        .execute();
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await db.selectFrom("account").select(["id", "balance"]).execute()).toEqual([{ id: "kept", balance: 5 }]);
  });

  test("keeps concurrent transactions apart", async () => {
    const { db, transaction } = await store.open();
    await db.insertInto("account").values({ id: "a", balance: 100, topped_up_on: null }).execute();
    const takes = Array.from({ length: 50 }, (_, i) =>
      transaction(async (trx) => {
        await trx
          .updateTable("account")
          .set((e) => ({ balance: e("balance", "-", 1) }))
          .where("id", "=", "a")
          .execute();
        if (i % 2 === 1) throw new Error("rolled back");
      }).catch(() => undefined),
    );
    await Promise.all(takes);
    expect(await db.selectFrom("account").select("balance").executeTakeFirst()).toEqual({ balance: 75 });
  });

  test("lets no member's account go below zero, and the operator's own ones yes", async () => {
    const { db } = await store.open();
    const insert = (id: string) => db.insertInto("account").values({ id, balance: -1, topped_up_on: null }).execute();
    await expect(insert("member:1")).rejects.toThrow();
    await expect(insert("held:1")).rejects.toThrow();
    await insert("ops:issued");
  });

  test("refuses to change or delete a transfer", async () => {
    const { db } = await store.open();
    for (const id of ["ops:a", "ops:b"]) {
      await db.insertInto("account").values({ id, balance: 0, topped_up_on: null }).execute();
    }
    const transfer = {
      id: "1",
      debit: "ops:a",
      credit: "ops:b",
      amount: 3,
      kind: "grant",
      job: null,
      at: 0,
      idem: "x",
    } as const;
    await db.insertInto("transfer").values(transfer).execute();
    await expect(db.updateTable("transfer").set({ amount: 4 }).execute()).rejects.toThrow("append-only");
    await expect(db.deleteFrom("transfer").execute()).rejects.toThrow("append-only");
  });

  test("answers when it is healthy, and says so when it is closed", async () => {
    const database = await store.open();
    expect(await database.healthy()).toBe(true);
    await database.close();
    expect(await database.healthy()).toBe(false);
  });
});

test("refuses a second opening of the same folder in a sentence that names it, and allows it after the first is closed", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "atelier-lock-"));
  const first = await openDatabase({ dataDir });
  await expect(openDatabase({ dataDir })).rejects.toThrow(dataDir);
  await first.close();
  const second = await openDatabase({ dataDir });
  await second.close();
  rmSync(dataDir, { recursive: true });
});

test("writes ahead and syncs every commit on sqlite", async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "atelier-pragma-"));
  const { db, close } = await openDatabase({ dataDir });
  expect((await sql`pragma journal_mode`.execute(db)).rows).toEqual([{ journal_mode: "wal" }]);
  expect((await sql`pragma synchronous`.execute(db)).rows).toEqual([{ synchronous: 2 }]);
  await close();
  rmSync(dataDir, { recursive: true });
});
