import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../src/store/database.ts";

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-reports-"));
  database = await openDatabase({ dataDir: folder });
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Turns that the event loop gives to others until `work` is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  going = false;
  return turns;
}

const long = sql<{ n: number }>`
  with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 300000)
  select max(n) as n from numbers`;

test("holds nothing up while it goes through much", async () => {
  expect(await turnsDuring(long.execute(database.db))).toBeLessThan(10);
  expect(await turnsDuring(long.execute(database.reports))).toBeGreaterThan(10);
});

test("answers several questions, each its own, and sees what is committed", async () => {
  const id = "member:1";
  const found = () => database.reports.selectFrom("account").select(["id", "balance"]).where("id", "=", id).execute();
  expect(await found()).toEqual([]);
  await database.db.insertInto("account").values({ id, balance: 7 }).execute();
  const [rows, { rows: counted }] = await Promise.all([found(), long.execute(database.reports)]);
  expect([rows, counted]).toEqual([[{ id, balance: 7 }], [{ n: 300_000 }]]);
});

test("changes nothing, and says what is wrong with a question", async () => {
  const insert = database.reports.insertInto("account").values({ id: "member:2", balance: 1 });
  await expect(insert.execute()).rejects.toThrow("readonly");
  await expect(sql`select * from nowhere`.execute(database.reports)).rejects.toThrow("no such table");
  await expect(database.reports.transaction().execute(async () => undefined)).rejects.toThrow("changes nothing");
});

test("lets nobody wait for ever when the database is closed meanwhile", async () => {
  const [answer, closed] = await Promise.allSettled([long.execute(database.reports), database.close()]);
  expect(closed.status).toBe("fulfilled");
  if (answer.status === "rejected") expect(answer.reason).toEqual(new Error("the database is closed"));
  await expect(long.execute(database.reports)).rejects.toThrow();
});
