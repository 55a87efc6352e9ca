import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothStores } from "../support/stores.ts";

onBothStores("transactions", (store) => {
  let database: Database;
  const add = (trx: Trx, id: string) => trx.insertInto("account").values({ id, balance: 0 }).execute();
  const change = (trx: Trx, by: RegExp | string) =>
    sql`update account set topped_up_on = coalesce(topped_up_on, '') || ${String(by)} where id = 'ops:a'`.execute(trx);
  const account = () =>
    database.db.selectFrom("account").select("topped_up_on").where("id", "=", "ops:a").executeTakeFirst();

  beforeEach(async () => {
    database = await store.open();
  });

  test("carry out statements that are awaited together in the order in which they were begun", async () => {
    const digits = Array.from({ length: 40 }, (_, digit) => String(digit % 10));
    const read = await database.transaction(async (trx) => {
      const [, , found] = await Promise.all([
        add(trx, "ops:a"),
        Promise.all(digits.map((digit) => change(trx, digit))),
        trx.selectFrom("account").selectAll().where("id", "=", "ops:a").executeTakeFirst(),
        change(trx, "!"),
      ]);
      return found;
    });
    expect(read?.topped_up_on).toBe(digits.join(""));
    expect((await account())?.topped_up_on).toBe(`${digits.join("")}!`);
  });

  test("take back everything when one of the statements that are awaited together fails, and say which", async () => {
    const twice = database.transaction((trx) =>
      Promise.all([add(trx, "ops:a"), add(trx, "ops:b"), add(trx, "ops:b"), change(trx, "x")]),
    );
    await expect(twice).rejects.toThrow(/unique/i);
    expect(await database.db.selectFrom("account").selectAll().execute()).toEqual([]);
  });

  test("carry out nothing for whoever goes on when they are over", async () => {
    let goOn = () => {};
    const going = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let late: Promise<unknown> = Promise.resolve();
    const failed = database.transaction(async (trx) => {
      late = going.then(() => add(trx, "ops:late"));
      await add(trx, "ops:a");
      throw new RangeError("refused on purpose");
    });
    await expect(failed).rejects.toThrow("refused on purpose");
    goOn();
    await expect(late).rejects.toThrow();
    expect(await database.db.selectFrom("account").selectAll().execute()).toEqual([]);
  });

  test("leave a connection behind that the next one can use", async () => {
    for (let i = 0; i < 25; i++) {
      await database.transaction((trx) => sql`select no_such_column from account`.execute(trx)).catch(() => undefined);
    }
    await database.transaction((trx) => add(trx, "ops:a"));
    expect(await account()).toBeDefined();
  });

  if (store.engine === "postgres") {
    test("go on when a newer version has changed the tables under their prepared statements", async () => {
      const place = await store.place();
      const [older, newer] = [await store.open(place), await store.open(place)];
      const all = (trx: Trx) => trx.selectFrom("account").selectAll().execute();
      const ten = Array.from({ length: 10 }, (_, nth) => `ops:${nth}`); // more than one connection has them
      await Promise.all(ten.map((id) => older.transaction((trx) => Promise.all([add(trx, id), all(trx)]))));
      await sql`alter table account add column note text`.execute(newer.db);
      const seen = await Promise.all(ten.map(() => older.transaction(all)));
      expect(seen.map((rows) => rows.length)).toEqual(ten.map(() => 10));
    });
  }
});
