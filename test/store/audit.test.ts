import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { rowOf } from "../../src/jobs/job.ts";
import { audit, invariants, totals } from "../../src/store/audit.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { openForReading } from "../../src/store/read-only.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { openTestLedger } from "../support/test-ledger.ts";

/** Statements that break each rule, in a ledger with one job for every way to end. */
const breaks: Readonly<Record<string, readonly string[]>> = {
  v_bad_total: ["update account set balance = balance - 1 where id = 'ops:issued'"],
  v_bad_balance: [
    "update account set balance = balance - 1 where id = 'ops:issued'",
    "update account set balance = balance + 1 where id = 'ops:revenue'",
  ],
  v_bad_below_zero: ["update account set balance = -1 where id = 'held:discord:1'"],
  v_bad_transfer: ["update transfer set kind = 'grant' where kind = 'capture'"],
  v_bad_orphan: ["update transfer set job = 'nobody' where kind = 'spend'"],
  v_bad_outside_grant: [
    "insert into outside_grant (key, source, member, amount, note, at) values ('k', 'shop', 'discord:1', 5, '', 1)",
  ],
  v_bad_hold: ["update job set held = held + 1 where id = 'waiting'"],
  v_bad_end: ["update job set charged = charged - 1 where id = 'delivered'"],
  v_bad_goodwill: ["update job set goodwill = 7 where id = 'delivered'"],
  v_bad_delivery: ["update delivery set phase = 'sending' where job = 'delivered'"],
  v_bad_images: ["delete from artifact where job = 'delivered'"],
  v_bad_artifact: ["update artifact set attempt = 'given-1' where job = 'delivered'"],
  v_bad_sending: ["update attempt set phase = 'sending' where job = 'delivered'"],
  v_bad_resent: ["update attempt set job = 'unknown', n = 2, sent_at = 1 where job = 'given'"],
  v_bad_unknown: ["update attempt set outcome = 'unknown' where job = 'failed'"],
  v_bad_settled: ["update attempt set settled = 'billed' where job = 'unknown'"],
  v_bad_spend: ["update attempt set outcome = 'damaged' where job = 'unknown'"],
  v_bad_spending: ["update daily_spending set amount = amount + 1"],
  v_bad_usage: ["update daily_usage set images = images + 1 where images > 0"],
  v_bad_erased: ["update job set erased_at = 1 where id = 'delivered'"],
  v_bad_idle: ["update job set lease_owner = null where id = 'running'"],
  v_bad_approval: ["update job set state = 'awaiting' where id = 'waiting'"],
  v_bad_unapproved: [
    "insert into approval (job, tenant, above, asked_at, expires_at) select job, 'guild', 1, 1, 2 from attempt limit 1",
  ],
  v_bad_state: ["update job set state = 'lost' where id = 'waiting'"],
  v_bad_turn: ["update job set turn = null where id = 'waiting'"],
  v_bad_member_total: ["update member_total set charged = charged + 1"],
  v_bad_inbound: ["update job set inbound = 'same' where id in ('waiting', 'running')"],
  v_bad_payer: ["update attempt set tenant_key = 'k1' where job = 'delivered'"],
  v_bad_batch: ["update job set batch = 'nobody', batch_index = 0 where id = 'waiting'"],
};

/** Guards that would refuse the break before any audit could find it. */
const unguard = {
  sqlite: ["drop trigger transfer_no_update", "drop trigger job_change", "pragma ignore_check_constraints = on"],
  postgres: [
    "alter table transfer disable trigger all",
    "alter table job disable trigger user",
    "alter table account drop constraint account_check",
    "alter table job drop constraint job_inbound_key",
  ],
};

onBothStores("an audit", (store) => {
  let database: Database;

  beforeEach(async () => {
    database = await store.open();
    const { accept, send, receive, post, give, fail, cancel } = openTestLedger(database);
    const sent = async (id: string) => {
      const job = await accept({ id, amount: 100 });
      await send(job);
      return job;
    };
    await accept({ id: "waiting", amount: 100 });
    await sent("running");
    await cancel(await accept({ id: "cancelled", amount: 100 }));
    await fail(await sent("failed"), "failed");
    await fail(await sent("unknown"), "unknown");
    for (const [id, end] of [
      ["delivered", post],
      ["given", give],
    ] as const) {
      const job = await sent(id);
      await receive(job, 90);
      await end(job, 90);
    }
  });

  test("finds nothing where every job ended by the rules, and says where the credits are", async () => {
    expect(await audit(database.db)).toEqual([]);
    expect(await totals(database.db)).toEqual({
      issued: 1000,
      available: 610,
      held: 300,
      revenue: 90,
      goodwill: 0,
      services: 160,
      unknown: 80,
    });
  });

  test("looks at every view of what must never be", async () => {
    const source =
      store.engine === "sqlite" ? sql`sqlite_master where type = 'view'` : sql`pg_views where schemaname = 'public'`;
    const name = store.engine === "sqlite" ? sql`name` : sql`viewname as name`;
    const { rows } = await sql<{ name: string }>`select ${name} from ${source}`.execute(database.db);
    expect(rows.map((row) => row.name).sort()).toEqual(Object.keys(invariants).sort());
    expect(Object.keys(breaks).sort()).toEqual(Object.keys(invariants).sort());
  });

  // SQLite cannot take the unique key of a table away: there, the engine itself keeps that rule.
  const testable = Object.entries(breaks).filter(([view]) => store.engine === "postgres" || view !== "v_bad_inbound");
  test.for(testable)("finds what is wrong for %s", async ([view, statements]) => {
    const findings = await whileBroken(database, [...unguard[store.engine], ...statements]);
    const found = findings.filter((finding) => finding.view === view);
    expect(found).not.toEqual([]);
    for (const { sentence, subject, detail } of found) expect([sentence, subject, detail]).not.toContain(null);
    expect(await audit(database.db)).toEqual([]);
  });

  test("excuses a job whose images were erased", async () => {
    await database.db.deleteFrom("artifact").where("job", "=", "delivered").execute();
    await database.db
      .updateTable("job")
      .set({ erased_at: 1, prompt_folded: "" })
      .where("id", "=", "delivered")
      .execute();
    expect(await audit(database.db)).toEqual([]);
  });

  test("reads beside the process that works, and cannot write", async () => {
    const place = await store.place();
    const working = await store.open(place);
    const reading = await openForReading(place);
    await working.db
      .insertInto("job")
      .values(rowOf(newJob(openTestLedger(working).world, { id: "x" })))
      .execute();
    expect((await audit(reading.db)).map(({ view, subject }) => [view, subject])).toEqual([["v_bad_hold", "x"]]);
    await expect(reading.db.deleteFrom("job").execute()).rejects.toThrow(/read-?only/);
    await reading.close();
  });

  test("says in a sentence that there is no database, or one of another version", async () => {
    const place = await store.place();
    const nothing = store.engine === "sqlite" ? /no database in/ : /another version/;
    await expect(openForReading(place)).rejects.toThrow(nothing);
  });
});

async function whileBroken(database: Database, statements: readonly string[]) {
  class Undone extends Error {}
  let findings: Awaited<ReturnType<typeof audit>> = [];
  const broken = database.transaction(async (trx: Trx) => {
    for (const statement of statements) await sql.raw(statement).execute(trx);
    findings = await audit(trx);
    throw new Undone();
  });
  await expect(broken).rejects.toThrow(Undone);
  return findings;
}
