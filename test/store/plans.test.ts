import { CompiledQuery, type KyselyPlugin, type QueryId } from "kysely";
import { expect, test } from "vitest";
import { operatorAccounts } from "../../src/credits/totals.ts";
import { keepCallback } from "../../src/jobs/callbacks.ts";
import { callStats, openBills } from "../../src/jobs/calls.ts";
import { claimDeliveries } from "../../src/jobs/deliveries.ts";
import { loadNow, measuredOf } from "../../src/jobs/durations.ts";
import { erasableJobs, hasContent } from "../../src/jobs/erase.ts";
import { searchJobs } from "../../src/jobs/history.ts";
import { broughtWithin, forgetBrought, isBeingBrought, storedOf } from "../../src/jobs/intake.ts";
import { calledBack, recentlyGivenUp } from "../../src/jobs/late.ts";
import { expireAllLeases, takeOver } from "../../src/jobs/leases.ts";
import { listJobs } from "../../src/jobs/member-list.ts";
import { rankQueue } from "../../src/jobs/position.ts";
import { jobOfPosted, postedOf } from "../../src/jobs/posted.ts";
import { countQueued, findByInbound, findJob } from "../../src/jobs/queue.ts";
import { keptAttempts, neededInputs } from "../../src/jobs/referred.ts";
import { waitingJobs } from "../../src/jobs/waiting.ts";
import type { Db, Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import {
  deleteReferencesBy,
  deleteReferencesIn,
  deleteReferencesTo,
  referencesIn,
  renameReferenceMember,
} from "../../src/store/named-references.ts";
import { defaultStyle, styleInputs, stylesNamed, stylesOf } from "../../src/store/styles.ts";
import { onBothStores } from "../support/stores.ts";

/** Tables that grow with every job or file, by their names in queries; all others stay small. */
const growing =
  "job|attempt|artifact|delivery|transfer|posted_message|job_input|confirmation_input|intake|named_reference";

/** How an engine says that it reads all of a table: SQLite with the name in the query, PostgreSQL with that of the table. */
const readsAll = {
  sqlite: new RegExp(`\\bSCAN (${growing}|[cij])\\b(?! USING (COVERING )?INDEX)`),
  postgres: new RegExp(`\\bSeq Scan on (${growing})\\b`),
};

const explain = { sqlite: "explain query plan", postgres: "explain" };

/** How the engine carries out what `use` asks. Rows are not needed: SQLite plans by the schema alone, and PostgreSQL is told to take an index wherever one serves. */
async function plansOf(database: Database, use: Use): Promise<string[]> {
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
  await use(db, { ...database, db }).catch(() => undefined); // there is no such row
  return database.transaction(async (trx) => {
    if (database.engine === "postgres") await trx.executeQuery(CompiledQuery.raw("set local enable_seqscan = off"));
    const plans: string[] = [];
    for (const { sql, parameters } of asked) {
      const query = CompiledQuery.raw(`${explain[database.engine]} ${sql}`, [...parameters]);
      const { rows } = await trx.executeQuery<Record<string, unknown>>(query);
      plans.push(...rows.map((row) => String(row.detail ?? row["QUERY PLAN"])));
    }
    return plans;
  });
}

type Use = (db: Db, database: Database) => Promise<unknown>;

const asTrx = (db: Db) => db as unknown as Trx;
const claim = { now: 1, owner: "worker", leaseUntil: 2 };

const uses: readonly (readonly [string, Use])[] = [
  ["a job", (db) => findJob(db, "1")],
  ["the job of an event", (db) => findByInbound(db, "1")],
  ["the queue of a member", (db) => countQueued(asTrx(db), "a")],
  ["the places in the queue", (db) => rankQueue(db)],
  ["the history of a member", (db) => searchJobs(db, "a", { limit: 10, words: ["red", "bicycle"], before: "9" })],
  ["the job of a message", (db) => jobOfPosted(db, "1")],
  ["the messages of a job", (db) => postedOf(db, "1")],
  ["the load", (db) => loadNow(db)],
  ["the durations of a service", (db) => measuredOf(db, "service")],
  ["the calls of a service", (db) => callStats(db, ["service", "service/model"], 1)],
  ["the open bills", (db) => openBills(db, 10)],
  ["the jobs of the dashboard", (db) => listJobs(db, { tenant: "guild", limit: 10, before: "9" })],
  ["the jobs of a member on the dashboard", (db) => listJobs(db, { tenant: undefined, member: "a", limit: 10 })],
  ["jobs that wait", (db) => waitingJobs(db, { member: "a" })],
  ["jobs that wait in a tenant", (db) => waitingJobs(db, { tenant: "guild" })],
  ["jobs of dead processes", (db) => takeOver(db, claim)],
  ["jobs that may lose their content", (db) => erasableJobs(db, { endedBefore: 1, now: 1, limit: 10 })],
  ["what is left of a member", (db) => hasContent(db, "a", 1)],
  [
    "deliveries that are due",
    (_, database) => claimDeliveries(database, { ...claim, wanted: 5 }, { platforms: ["discord"], abandonedBefore: 0 }),
  ],
  ["the leases at a start", (db) => expireAllLeases(db)],
  ["calls that were called back", (db) => calledBack(db, 1)],
  ["calls that were given up", (db) => recentlyGivenUp(db, ["service"], 1)],
  ["a callback", (db) => keepCallback(db, { id: "1", secret: "s", body: "{}", now: 1 })],
  ["files that are needed", (db) => neededInputs(db, ["inputs/1", "inputs/2"], { inputsSince: 1 })],
  ["results that are kept", (db) => keptAttempts(db, ["1", "2"])],
  ["what a member brought", (db) => broughtWithin(db, "a", 1)],
  ["what is kept of a member's files", (db) => storedOf(db, "a", { inputsSince: 1 })],
  ["a file that is being brought", (db) => isBeingBrought(db, "inputs/1")],
  ["what was brought long ago", (db) => forgetBrought(db, 1)],
  ["the styles of a member and a place", (db) => stylesOf(db, ["member:a", "tenant:b"])],
  ["a style by its name", (db) => stylesNamed(db, ["member:a", "tenant:b"], "noir")],
  ["the default style of a channel", (db) => defaultStyle(db, "tenant:b", "c")],
  ["the files of a member's styles", (db) => styleInputs(db, "member:a")],
  ["the saved images of a member and a place", (db) => referencesIn(db, ["member:a", "tenant:b"], "b")],
  ["what others saved of a member's results", (db) => deleteReferencesBy(db as Trx, "a")],
  ["what others saved of a job", (db) => deleteReferencesTo(db as Trx, "1")],
  ["what was saved in a place", (db) => deleteReferencesIn(db as Trx, "b")],
  ["a saved image's member", (db) => renameReferenceMember(db as Trx, "a", "b")],
  ["the operator's accounts", (db) => operatorAccounts(db)],
];

onBothStores("plans", (store) => {
  let database: Promise<Database> | undefined;

  test.each(uses)("%s is found by an index, however long the history is", async (_, use) => {
    database ??= store.open();
    const plans = await plansOf(await database, use);
    expect(plans).not.toEqual([]);
    expect(plans.filter((plan) => readsAll[store.engine].test(plan))).toEqual([]);
  });
});
