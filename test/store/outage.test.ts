import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Trx } from "../../src/store/connection.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createDatabase } from "../support/postgres.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** PostgreSQL goes away and comes back: over a line that is cut, and by the word of its administrator. */
let direct: Database;
let database: Database;
let line: TcpProxy;

beforeEach(async () => {
  const url = await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);
  line = await openTcpProxy(url);
  direct = await openDatabase({ url, dataDir: "unused" });
  database = await openDatabase({ url: line.through(url), dataDir: "unused" });
});
afterEach(async () => {
  await database.close();
  await direct.close();
  await line.close();
});

const add = (trx: Trx, id: string) => trx.insertInto("account").values({ id, balance: 0 }).execute();
const accounts = async () => {
  const rows = await direct.db.selectFrom("account").select("id").orderBy("id").execute();
  return rows.map(({ id }) => id);
};
const terminateOthers = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(direct.db);

test("a transaction whose connection is terminated between two statements is made again, once", async () => {
  let runs = 0;
  await database.transaction(async (trx) => {
    runs += 1;
    await add(trx, "ops:first");
    if (runs === 1) await terminateOthers();
    await add(trx, "ops:second");
  });
  expect(runs).toBe(2);
  expect(await accounts()).toEqual(["ops:first", "ops:second"]);
});

test("a refusal inside a transaction stays the answer when the connection is gone as well", async () => {
  const refused = database.transaction(async (trx) => {
    await add(trx, "ops:first");
    await terminateOthers();
    throw new RangeError("refused on purpose");
  });
  await expect(refused).rejects.toThrow("refused on purpose");
  expect(await accounts()).toEqual([]);
});

test("idle connections that are terminated end nothing: the next transaction has a new one", async () => {
  await Promise.all(Array.from({ length: 5 }, () => database.healthy()));
  await terminateOthers();
  await database.transaction((trx) => add(trx, "ops:after"));
  expect(await accounts()).toEqual(["ops:after"]);
});

test("while the server is away every transaction fails in bounded time, and it works again when it is back", async () => {
  await database.healthy();
  await line.cut();
  let runs = 0;
  const during = database.transaction(async (trx) => {
    runs += 1;
    await add(trx, "ops:lost");
  });
  await expect(during).rejects.toThrow();
  expect(runs).toBe(0);
  expect(await database.healthy()).toBe(false);
  await line.mend();
  await database.transaction((trx) => add(trx, "ops:found"));
  expect(await accounts()).toEqual(["ops:found"]);
});

test("a server that takes connections and says nothing is told to be away, in bounded time", async () => {
  expect(await database.healthy()).toBe(true);
  await line.silence();
  expect(await database.healthy()).toBe(false);
  await line.mend();
  expect(await database.healthy()).toBe(true);
});

test("listeners hear again after the line was cut", async () => {
  let heard = Promise.withResolvers<void>();
  await database.listen(() => heard.resolve());
  await direct.notify();
  await heard.promise;
  await line.cut();
  heard = Promise.withResolvers<void>();
  await line.mend();
  await heard.promise; // it comes back by itself, and asks for what was said meanwhile
  heard = Promise.withResolvers<void>();
  await direct.notify();
  await heard.promise;
});

const isCommit = (sent: Buffer) => sent.includes("commit");

test("a commit whose answer is lost is not made again by itself", async () => {
  line.breakAfter(isCommit);
  let runs = 0;
  const unknown = database.transaction(async (trx) => {
    runs += 1;
    await add(trx, "ops:once");
  });
  await expect(unknown).rejects.toThrow();
  expect(runs).toBe(1);
  expect(await accounts()).toEqual(["ops:once"]);
});

test("a commit whose answer is lost is made again where that finds what was done before", async () => {
  let lost = false;
  line.breakAfter((sent) => {
    const first = !lost && isCommit(sent);
    lost ||= first;
    return first;
  });
  const found: string[] = [];
  const run = async (trx: Trx) => {
    const made = await trx
      .insertInto("account")
      .values({ id: "ops:once", balance: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    found.push(made ? "made" : "was there");
  };
  await database.transaction(run, { repeatable: true });
  expect(found).toEqual(["made", "was there"]);
  expect(await accounts()).toEqual(["ops:once"]);
});
