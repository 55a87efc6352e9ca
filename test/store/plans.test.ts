import { CompiledQuery, type KyselyPlugin, type QueryId, sql } from "kysely";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { operatorAccounts } from "../../src/credits/totals.ts";
import { keepCallback } from "../../src/jobs/callbacks.ts";
import { callStats, openBills } from "../../src/jobs/calls.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { claimDeliveries } from "../../src/jobs/deliveries.ts";
import { loadNow, measuredOf } from "../../src/jobs/durations.ts";
import { erasableJobs, hasContent } from "../../src/jobs/erase.ts";
import { searchJobs } from "../../src/jobs/history.ts";
import { broughtWithin, forgetBrought, isBeingBrought, storedOf } from "../../src/jobs/intake.ts";
import { calledBack, recentlyGivenUp } from "../../src/jobs/late.ts";
import { expireAllLeases, takeOver } from "../../src/jobs/leases.ts";
import { listJobs, memberList } from "../../src/jobs/member-list.ts";
import { entryOf, rankQueue } from "../../src/jobs/position.ts";
import { jobOfPosted, postedOf } from "../../src/jobs/posted.ts";
import { countQueued, findByInbound, findJob } from "../../src/jobs/queue.ts";
import { keptAttempts, neededInputs } from "../../src/jobs/referred.ts";
import { passTurns } from "../../src/jobs/turns.ts";
import { memberNames, tenantsSince, usageBy, usageByMember } from "../../src/jobs/usage.ts";
import { waitingJobs } from "../../src/jobs/waiting.ts";
import type { Db, Trx } from "../../src/store/connection.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { shareLast } from "../../src/store/last-statements.ts";
import {
  deleteReferencesBy,
  deleteReferencesIn,
  deleteReferencesTo,
  referencesIn,
  renameReferenceMember,
} from "../../src/store/named-references.ts";
import { defaultStyle, styleInputs, stylesNamed, stylesOf } from "../../src/store/styles.ts";
import { busiestMember, busiestTenant, fillHistory, firstOfBusiest } from "../support/long-history.ts";
import { createDatabase } from "../support/postgres.ts";
import { onBothStores } from "../support/stores.ts";

/** Tables that grow with every job or file, by their names in queries; all others stay small. */
const growing =
  "job|attempt|artifact|delivery|transfer|posted_message|job_input|confirmation_input|intake|named_reference|daily_usage|member_day_usage|member_usage";

/** How an engine says that it reads all of a table: SQLite with the name in the query, PostgreSQL with that of the table. */
const readsAll = {
  sqlite: new RegExp(`\\bSCAN (${growing}|[cij])\\b(?! USING (COVERING )?INDEX)`),
  postgres: new RegExp(`\\bSeq Scan on (${growing})\\b`),
};

const explain = { sqlite: "explain query plan", postgres: "explain" };

/** The queries by which `use` does its work, as they are sent. */
async function queriesOf(database: Database, use: Use): Promise<CompiledQuery[]> {
  const asked: CompiledQuery[] = [];
  const executor = database.db.getExecutor();
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      asked.push(executor.compileQuery(node, queryId as QueryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const db = database.db.withPlugin(recorder);
  const transaction: Database["transaction"] = (run, given) =>
    database.transaction((trx) => {
      const recorded = trx.withPlugin(recorder) as Trx;
      shareLast(trx, recorded);
      return run(recorded);
    }, given);
  await use(db, { ...database, db, reports: db, transaction }).catch(() => undefined); // there may be no such row
  return asked;
}

/** How the engine carries out what `use` asks. Rows are not needed: SQLite plans by the schema alone, and PostgreSQL is told to take an index wherever one serves. */
async function plansOf(database: Database, use: Use): Promise<string[]> {
  const asked = await queriesOf(database, use);
  return database.transaction(async (trx) => {
    if (database.engine === "postgres") await trx.executeQuery(CompiledQuery.raw("set local enable_seqscan = off"));
    const plans: string[] = [];
    for (const query of asked) {
      const rows = await explained(trx, explain[database.engine], query);
      plans.push(...rows.map((row) => String(row.detail ?? row["QUERY PLAN"])));
    }
    return plans;
  });
}

async function explained(trx: Trx, how: string, { sql, parameters }: CompiledQuery) {
  const { rows } = await trx.executeQuery<Record<string, unknown>>(CompiledQuery.raw(`${how} ${sql}`, [...parameters]));
  return rows;
}

type Use = (db: Db, database: Database) => Promise<unknown>;

const asTrx = (db: Db) => db as unknown as Trx;
const now = Date.parse("2026-11-01T00:00:00Z");
const [week, month] = [7 * 86_400_000, 30 * 86_400_000];
const claim = { now, owner: "worker", leaseUntil: now + 60_000 };
const [member, tenant, job] = [busiestMember, busiestTenant, firstOfBusiest];

/** PostgreSQL waits for them to run out. */
const ofSqlite = "the leases at a start";

const uses: readonly (readonly [string, Use])[] = [
  ["a job", (db) => findJob(db, job)],
  ["the job of an event", (db) => findByInbound(db, "event:15")],
  ["the queue of a member", (db) => countQueued(asTrx(db), member)],
  ["the places in the queue", (db) => rankQueue(db)],
  ["the place of a newcomer in the queue", (db) => entryOf(db, job)],
  ["the history of a member", (db) => searchJobs(db, member, { limit: 10, words: ["red", "bicycle"], before: "k" })],
  ["the job of a message", (db) => jobOfPosted(db, "discord:15")],
  ["the messages of a job", (db) => postedOf(db, job)],
  ["the load", (db) => loadNow(db)],
  ["the durations of a service", (db) => measuredOf(db, "service")],
  ["the calls of a service", (db) => callStats(db, ["service", "service/model"], now - 3_600_000)],
  ["the open bills", (db) => openBills(db, 10)],
  ["the jobs of the dashboard", (db) => listJobs(db, { tenant, limit: 10, before: "k" })],
  ["the jobs of a member on the dashboard", (db) => listJobs(db, { tenant: undefined, member, limit: 10 })],
  ["the tenants of the last days", (db) => tenantsSince(db, now - 86_400_000)],
  ["the usage of a tenant", (db) => usageBy(db, { since: now - month, tenant }, 31)],
  ["the usage of a week, everywhere", (db) => usageBy(db, { since: now - week, until: now }, 1000)],
  ["the usage of a tenant's members", (_, database) => usageByMember(database, { since: now - week, tenant }, 1000)],
  [
    "the members who used most in a week, everywhere",
    (_, database) => usageByMember(database, { since: now - week }, 50),
  ],
  ["the members of everywhere", (db) => memberList(db, { tenant: undefined, search: "", limit: 50 })],
  ["the turns of a member", (db) => passTurns(db as Trx, sql`select 'a' as member`, 2)],
  ["the members of a tenant", (db) => memberList(db, { tenant, search: "", limit: 50 })],
  ["the names of a tenant's members", (db) => memberNames(db, tenant)],
  ["jobs that wait", (db) => waitingJobs(db, { member })],
  ["jobs that wait in a tenant", (db) => waitingJobs(db, { tenant })],
  ["jobs of dead processes", (db) => takeOver(db, claim)],
  [
    "jobs that may lose their content",
    (db) => erasableJobs(db, { endedBefore: now - 29 * 86_400_000, now, limit: 10 }),
  ],
  ["what is left of a member", (db) => hasContent(db, member, now)],
  [
    "deliveries that are due",
    (_, database) => claimDeliveries(database, { ...claim, wanted: 5 }, { platforms: ["discord"], abandonedBefore: 0 }),
  ],
  [
    "the jobs that start next",
    (_, database) => claimJobs(database, { perMember: 2, perProvider: { service: 4 } }, { ...claim, wanted: 4 }),
  ],
  [ofSqlite, (db) => expireAllLeases(db)],
  ["calls that were called back", (db) => calledBack(db, now)],
  ["calls that were given up", (db) => recentlyGivenUp(db, ["service"], now - 3_600_000)],
  ["a callback", (db) => keepCallback(db, { id: "1", secret: "s", body: "{}", now: 1 })],
  ["files that are needed", (db) => neededInputs(db, ["inputs/1", "inputs/2"], { inputsSince: now - 86_400_000 })],
  ["results that are kept", (db) => keptAttempts(db, ["a000000000000000000015", "2"])],
  ["what a member brought", (db) => broughtWithin(db, member, now - 3_600_000)],
  ["what is kept of a member's files", (db) => storedOf(db, member, { inputsSince: now - 86_400_000 })],
  ["a file that is being brought", (db) => isBeingBrought(db, "inputs/1")],
  ["what was brought long ago", (db) => forgetBrought(db, 1)],
  ["the styles of a member and a place", (db) => stylesOf(db, ["member:a", "tenant:b"])],
  ["a style by its name", (db) => stylesNamed(db, ["member:a", "tenant:b"], "noir")],
  ["the default style of a channel", (db) => defaultStyle(db, "tenant:b", "c")],
  ["the files of a member's styles", (db) => styleInputs(db, "member:a")],
  ["the saved images of a member and a place", (db) => referencesIn(db, ["member:a", "tenant:b"], "b")],
  ["what others saved of a member's results", (db) => deleteReferencesBy(db as Trx, "a")],
  ["what others saved of a job", (db) => deleteReferencesTo(db as Trx, job)],
  ["what was saved in a place", (db) => deleteReferencesIn(db as Trx, "b")],
  ["a saved image's member", (db) => renameReferenceMember(db as Trx, "a", "b")],
  ["the operator's accounts", (db) => operatorAccounts(db)],
];

onBothStores("plans", (store) => {
  let database: Database;
  beforeAll(async () => {
    database = await store.open();
  });

  test.each(uses)("%s is found by an index, however long the history is", async (_, use) => {
    const plans = await plansOf(database, use);
    expect(plans).not.toEqual([]);
    expect(plans.filter((plan) => readsAll[store.engine].test(plan))).toEqual([]);
  });
});

const historyOf = 200_000;
/** Pages of 8 KB. The jobs alone fill 20,000; 200 unknown outcomes, each with its job, are 1,800, two looks for each of 300 tenants 2,500, a week of theirs 3,100. */
const mostPages = 3500;

/** The most pages that one query of `use` touches, by PostgreSQL's own count, once it is carried out. Nothing of it stays. */
async function pagesOf(database: Database, use: Use): Promise<number> {
  const asked = await queriesOf(database, use);
  const undone = new Error("nothing of it stays");
  let most = 0;
  const explain = database.db.transaction().execute(async (trx) => {
    for (const query of asked) {
      const [row] = await explained(trx, "explain (analyze, buffers, format json)", query);
      const [answer] = (row?.["QUERY PLAN"] ?? []) as { Plan: Record<string, number> }[];
      if (!answer) throw new Error("no plan");
      most = Math.max(most, Number(answer.Plan["Shared Hit Blocks"]) + Number(answer.Plan["Shared Read Blocks"]));
    }
    throw undone;
  });
  await expect(explain).rejects.toBe(undone);
  return most;
}

describe("with a history of 200,000 jobs on PostgreSQL", () => {
  let database: Database;

  beforeAll(async () => {
    const url = await createDatabase(inject("postgresUrl"), "plans_of_a_long_history");
    database = await openDatabase({ url, dataDir: "unused" });
    await fillHistory(database, { jobs: historyOf, now });
    await sql`analyze`.execute(database.db);
    return () => database.close();
  }, 300_000);

  const used = uses.filter(([name]) => name !== ofSqlite);
  test.each(used)("%s takes a small part of it", async (_, use) => {
    expect(await pagesOf(database, use)).toBeLessThan(mostPages);
  });
});
