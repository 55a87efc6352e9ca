import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CompiledQuery, type KyselyPlugin, type QueryId } from "kysely";
import { afterAll, expect, test } from "vitest";
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
import { positionOf } from "../../src/jobs/position.ts";
import { jobOfPosted, postedOf } from "../../src/jobs/posted.ts";
import { countQueued, findByInbound, findJob } from "../../src/jobs/queue.ts";
import { keptAttempts, neededInputs } from "../../src/jobs/referred.ts";
import { waitingJobs } from "../../src/jobs/waiting.ts";
import type { Db, Trx } from "../../src/store/connection.ts";
import { openDatabase } from "../../src/store/database.ts";

const folder = mkdtempSync(path.join(tmpdir(), "atelier-plans-"));
const database = await openDatabase({ dataDir: folder });
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Tables that grow with every job or file, by their names in queries; all others stay small. */
const growing =
  /\bSCAN (job|attempt|artifact|delivery|transfer|posted_message|job_input|confirmation_input|intake|[cij])\b(?! USING (COVERING )?INDEX)/;

/** How the embedded engine carries out what `use` asks: it plans by the schema alone, so that no rows are needed. */
async function plansOf(use: (db: Db) => Promise<unknown>): Promise<string[]> {
  const asked: CompiledQuery[] = [];
  const executor = database.db.getExecutor();
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      asked.push(executor.compileQuery(node, queryId as QueryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  await use(database.db.withPlugin(recorder)).catch(() => undefined); // there is no such row
  const plans: string[] = [];
  for (const { sql, parameters } of asked) {
    const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await database.db.executeQuery<{ detail: string }>(explain);
    plans.push(...rows.map(({ detail }) => detail));
  }
  return plans;
}

const asTrx = (db: Db) => db as unknown as Trx;
const claim = { now: 1, owner: "worker", leaseUntil: 2 };

test.each<[string, (db: Db) => Promise<unknown>]>([
  ["a job", (db) => findJob(db, "1")],
  ["the job of an event", (db) => findByInbound(db, "1")],
  ["the queue of a member", (db) => countQueued(asTrx(db), "a")],
  ["the place in the queue", (db) => positionOf(db, "1")],
  ["the history of a member", (db) => searchJobs(db, "a", { limit: 10, words: ["red", "bicycle"], before: "9" })],
  ["the job of a message", (db) => jobOfPosted(db, "1")],
  ["the messages of a job", (db) => postedOf(db, "1")],
  ["the load", (db) => loadNow(db)],
  ["the durations of a service", (db) => measuredOf(db, "service")],
  ["the calls of a service", (db) => callStats(db, "service", 1)],
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
    (db) =>
      claimDeliveries({ ...database, db }, { ...claim, wanted: 5 }, { platforms: ["discord"], abandonedBefore: 0 }),
  ],
  ["the leases at a start", expireAllLeases],
  ["calls that were called back", (db) => calledBack(db, 1)],
  ["calls that were given up", (db) => recentlyGivenUp(db, ["service"], 1)],
  ["a callback", (db) => keepCallback(db, { id: "1", secret: "s", body: "{}", now: 1 })],
  ["files that are needed", (db) => neededInputs(db, ["inputs/1", "inputs/2"], { inputsSince: 1 })],
  ["results that are kept", (db) => keptAttempts(db, ["1", "2"])],
  ["what a member brought", (db) => broughtWithin(db, "a", 1)],
  ["what is kept of a member's files", (db) => storedOf(db, "a", { inputsSince: 1 })],
  ["a file that is being brought", (db) => isBeingBrought(db, "inputs/1")],
  ["what was brought long ago", (db) => forgetBrought(db, 1)],
  ["the operator's accounts", (db) => operatorAccounts(db)],
])("%s is found by an index, however long the history is", async (_, use) => {
  const plans = await plansOf(use);
  expect(plans).not.toEqual([]);
  expect(plans.filter((plan) => growing.test(plan))).toEqual([]);
});
