import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, expect, inject, test } from "vitest";
import { findJob } from "../../src/jobs/queue.ts";
import { audit } from "../../src/store/audit.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { dump } from "../../src/store/dump.ts";
import { openForReading } from "../../src/store/read-only.ts";
import { openPooler, type Pooler } from "../support/pooler.ts";
import { createDatabase } from "../support/postgres.ts";
import { openTestLedger } from "../support/test-ledger.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const newUrl = () => createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);

async function poolerOf(url: string, mode: "session" | "transaction"): Promise<Pooler> {
  const pooler = await openPooler(url, mode);
  open.push(pooler);
  return pooler;
}

async function opened(urls: { url: string; directUrl?: string }): Promise<Database> {
  const database = await openDatabase({ ...urls, dataDir: "unused" });
  open.push(database);
  return database;
}

/** 40 jobs of as many members at once, each held, sent, received and posted. */
async function work(database: Database): Promise<void> {
  const ledger = openTestLedger(database);
  const members = Array.from({ length: 40 }, (_, n) => `discord:${n}`);
  await Promise.all(
    members.map(async (member) => {
      const job = await ledger.accept({ member, amount: 100 });
      await ledger.send(job);
      await ledger.receive(job, 90);
      await ledger.post(job, 90);
      expect((await findJob(database.db, job.job))?.state).toBe("delivered");
    }),
  );
  expect(await audit(database.db)).toEqual([]);
}

/** Resolves when `listening` hears what `database` says. */
async function heard(listening: Database, database: Database): Promise<string> {
  const notice = new Promise<string>((resolve) => void listening.listen((job) => job !== "" && resolve(job)));
  const again = setInterval(() => void database.notify("job-1"), 20); // LISTEN may come after the first
  try {
    return await notice;
  } finally {
    clearInterval(again);
  }
}

test("the double refuses what a pooler refuses, and gives each transaction another connection", async () => {
  const session = await poolerOf(await newUrl(), "session");
  const client = new pg.Client({ connectionString: session.url, options: "-c default_transaction_read_only=on" });
  await expect(client.connect()).rejects.toThrow("unsupported startup parameter: options");
  const { url } = await poolerOf(await newUrl(), "transaction");
  const [one, other] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([one.connect(), other.connect()]);
  await one.query({ name: "mine", text: "select 1 as n" });
  await other.query("begin");
  await expect(other.query({ name: "mine", text: "select 2 as n" })).rejects.toThrow("already exists");
  await Promise.all([one.end(), other.end()]);
});

test("in session mode, all works with its default settings: transactions, notices, reading", async () => {
  const pooler = await poolerOf(await newUrl(), "session");
  const database = await opened({ url: pooler.url });
  expect(database.warnings).toEqual([]);
  await work(database);
  expect(await heard(await opened({ url: pooler.url }), database)).toBe("job-1");
  const reading = await openForReading({ url: pooler.url, dataDir: "unused" });
  open.push(reading);
  await expect(reading.db.deleteFrom("job").execute()).rejects.toThrow("read-only");
  expect(pooler.refused).toEqual([]);
});

test("a transaction that is left alone ends, so that its locks do not hold up everybody", async () => {
  const database = await opened({ url: await newUrl() });
  const shown = await database.transaction((trx) =>
    sql<Record<string, string>>`show idle_in_transaction_session_timeout`.execute(trx),
  );
  expect(Object.values(shown.rows[0] ?? {})).toEqual(["5s"]);
});

test("in transaction mode, all works but notices, and the operator is told", async () => {
  const pooler = await poolerOf(await newUrl(), "transaction");
  const database = await opened({ url: pooler.url });
  expect(database.warnings).toEqual([expect.stringContaining("DATABASE_DIRECT_URL")]);
  await work(database);
  const reading = await openForReading({ url: pooler.url, dataDir: "unused" });
  open.push(reading);
  const tables = new Set<string>();
  await dump(reading, async ({ table }) => void tables.add(table));
  expect(tables).toContain("transfer");
  await expect(reading.db.deleteFrom("job").execute()).rejects.toThrow("read-only");
  // Nobody is left with a connection that only reads.
  await Promise.all(Array.from({ length: 10 }, () => database.db.deleteFrom("setting").execute()));
});

test("in transaction mode, notices go over the direct connection", async () => {
  const directUrl = await newUrl();
  const { url } = await poolerOf(directUrl, "transaction");
  const database = await opened({ url, directUrl });
  expect(database.warnings).toEqual([]);
  expect(await heard(await opened({ url, directUrl }), database)).toBe("job-1");
});
