import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { expect, test } from "vitest";
import { audit } from "../../src/store/audit.ts";
import type { Connection } from "../../src/store/connection.ts";
import { openDatabase } from "../../src/store/database.ts";
import { start } from "../../src/store/migrations/0001-start.ts";
import { migrations } from "../../src/store/migrations/index.ts";
import { connectPostgres } from "../../src/store/postgres.ts";
import { openForReading } from "../../src/store/read-only.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { JobState } from "../../src/store/tables.ts";
import { onBothStores, type TestStore } from "../support/stores.ts";
import { openTestLedger } from "../support/test-ledger.ts";
import { testWorld } from "../support/world.ts";

const states: readonly JobState[] = [
  "queued",
  "running",
  "delivering",
  "delivered",
  "undeliverable",
  "failed",
  "cancelled",
];
const noon = testWorld().now();

onBothStores("migrations", (store) => {
  test("run once when three processes start at the same time", async () => {
    if (store.engine === "sqlite") return expectOneProcess(store);
    const place = await store.place();
    const opened = await Promise.all([store.open(place), store.open(place), store.open(place)]);
    for (const { db } of opened) {
      const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
      expect(rows.map(({ name }) => name)).toEqual(Object.keys(migrations(store.engine)));
      expect(await audit(db)).toEqual([]);
    }
  });

  test("keep a database of the first version, with jobs in every state, in order and at work", async () => {
    const place = await store.place();
    await asFirstVersion(store, place, async ({ db }) => {
      await sql.raw("insert into account (id, balance) values ('ops:issued', 0), ('ops:revenue', 0)").execute(db);
      for (const state of states) await addJob(db, state);
    });
    await expect(openForReading(place)).rejects.toThrow("another version");
    const database = await store.open(place);
    expect(await audit(database.db)).toEqual([]);
    expect(await database.db.selectFrom("daily_spending").select(["tenant", "amount"]).execute()).toEqual([
      { tenant: "guild", amount: 100 + 100 + 60 + 60 + 60 },
    ]);
    const ledger = openTestLedger(database);
    const job = (id: JobState) => ({ job: id, member: id, tenant: "guild", amount: 100, at: noon });
    await ledger.send(job("queued"));
    await ledger.fail(job("running"), "failed");
    await ledger.post(job("delivering"), 60);
    expect(await audit(database.db)).toEqual([]);
    await expect(ledger.accept({ amount: 21 }, { tenantMonthly: 300 })).rejects.toMatchObject({ facts: { left: 20 } });
    await ledger.accept({ amount: 20 }, { tenantMonthly: 300 });
  });

  test("refuse what an earlier program would still do, so that it loses nothing of what it does not know", async () => {
    const database = await store.open();
    const run = (text: string) => sql.raw(text).execute(database.db);
    await expect(addJob(database.db, "queued")).rejects.toThrow(); // a new job: `place`
    await expect(run("update job set state = 'running' where state = 'queued' and retries = 0")).rejects.toThrow();
    await expect(run("select job from delivery where run_at <= 0")).rejects.toThrow(); // to post something
    await expect(run("insert into delivery (job, run_at) values ('1', 0)")).rejects.toThrow(); // to end a job
    expect(await audit(database.db)).toEqual([]);
  });

  test("are all made or none: after a failure, the database is as it was", async () => {
    const { url, dataDir } = await store.place();
    const database = await openDatabase({ url, dataDir, upTo: "0002-records" });
    const before = await tablesOf(database.db);
    const failing: Migration = {
      up: async (db) => void (await sql.raw("insert into nowhere values (1)").execute(db)),
    };
    const getMigrations = async () => ({ ...migrations(store.engine), "9999-failing": failing });
    const migrator = new Migrator({ db: database.db, provider: { getMigrations } });
    expect((await migrator.migrateToLatest()).error).toBeDefined();
    expect(await tablesOf(database.db)).toEqual(before);
    await database.close();
    expect(await audit((await store.open({ url, dataDir } as TestPlace)).db)).toEqual([]);
  });
});

async function tablesOf<T>(db: Kysely<T>): Promise<string[]> {
  return (await db.introspection.getTables()).map(({ name }) => name).sort();
}

async function expectOneProcess(store: TestStore): Promise<void> {
  const place = await store.place();
  await store.open(place);
  await expect(store.open(place)).rejects.toThrow("already running");
}

type TestPlace = Awaited<ReturnType<TestStore["place"]>>;

async function asFirstVersion(
  store: TestStore,
  { url, dataDir }: TestPlace,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = url === undefined ? openSqlite(dataDir) : await connectPostgres({ url });
  const getMigrations = async () => ({ "0001-start": start(store.engine) });
  const { error } = await new Migrator({ db: connection.db, provider: { getMigrations } }).migrateToLatest();
  expect(error).toBeUndefined();
  await work(connection);
  await connection.close();
}

/** The call of a job that was claimed, and its image when one came. */
async function addCall(run: (text: string) => Promise<unknown>, state: JobState, charged: number | null) {
  await run(`update job set state = 'running', fence = fence + 1 where id = '${state}'`);
  const [phase, outcome] = state === "running" ? ["sending", "null"] : ["ended", charged ? "'success'" : "'unknown'"];
  await run(`insert into attempt (id, job, n, provider, asked, phase, outcome, created_at, sent_at)
    values ('${state}-1', '${state}', 1, 'service', 1, '${phase}', ${outcome}, 0, 1)`);
  if (!charged) return;
  await run(`update job set state = 'delivering', charged = ${charged} where id = '${state}'`);
  await run(`insert into artifact (job, idx, attempt, file, sha256, format, width, height, bytes)
    values ('${state}', 0, '${state}-1', 'f', 's', 'png', 1, 1, 1)`);
}

/** A job of 100 credits, of a member of its own, as the first version left it behind. */
async function addJob<T>(db: Kysely<T>, state: JobState): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  const charged = ["delivering", "delivered", "undeliverable"].includes(state) ? 60 : null;
  const move = async (kind: string, debit: string, credit: string, amount: number) => {
    await run(`insert into transfer (id, debit, credit, amount, kind, job, at, idem) values ('${kind}-${state}', '${debit}',
      '${credit}', ${amount}, '${kind}', ${kind === "top-up" ? "null" : `'${state}'`}, 0, '${kind}:${state}')`);
    await run(`update account set balance = balance - ${amount} where id = '${debit}'`);
    await run(`update account set balance = balance + ${amount} where id = '${credit}'`);
  };
  const [member, held] = [`member:${state}`, `held:${state}`];
  await run(
    `insert into account (id, balance, topped_up_on) values ('${member}', 0, '2026-11-20'), ('${held}', 0, null)`,
  );
  await run(`insert into job (id, inbound, platform, tenant, member, member_name, locale, place, state, fence, lease_owner,
    lease_until, run_at, request, changes, provider, unit, held, charged, created_at) values ('${state}', 'in-${state}',
    'test', 'guild', '${state}', 'Ann', 'en', '{}', 'queued', 0, 'worker', 1, 0, '{}', '[]', 'service', 100, 100, null, ${noon})`);
  await move("top-up", "ops:issued", member, 1000);
  await move("hold", member, held, 100);
  if (state !== "queued" && state !== "cancelled") await addCall(run, state, charged);
  if (["failed", "cancelled", "delivered", "undeliverable"].includes(state)) {
    await run(`update job set state = '${state}' where id = '${state}'`);
  }
  if (charged || state === "failed") {
    const phase = state === "delivering" ? "pending" : "confirmed";
    await run(`insert into delivery (job, phase, fence, run_at, tries, route) values ('${state}', '${phase}', 1, 0, 1,
      ${state === "undeliverable" ? "'none'" : "'channel'"})`);
  }
  if (state === "delivered") {
    await move("capture", held, "ops:revenue", 60);
    await move("release", held, member, 40);
  } else if (["failed", "cancelled", "undeliverable"].includes(state)) await move("release", held, member, 100);
}
