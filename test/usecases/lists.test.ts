import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/database.ts";
import { type House, type Operator, openHouse, signIn } from "../platforms/web/dashboard/house.ts";
import { busiestMember, fillHistory } from "../support/long-history.ts";

/**
 * Lists that grow hold up nobody: between two turns of the event loop, none reads more than some rows, and whatever goes
 * through all history is read in another thread. `npm run bench -- lists` measures it with 300,000 jobs.
 */
const jobs = 6_000; // of which one member has 400
const folder = mkdtempSync(path.join(tmpdir(), "atelier-lists-"));
let house: House;
let operator: Operator;
let database: Database;
let counted: ReturnType<typeof counters>;

/** The most rows between two turns of the event loop, and the most that another thread gave at once. */
function counters() {
  const most = { rowsInATurn: 0, rowsOfAReport: 0, turns: 0 };
  let inThisTurn = 0;
  let going = true;
  const turn = () => {
    most.turns += 1;
    inThisTurn = 0;
    if (going) setImmediate(turn);
  };
  const counting = (count: (rows: number) => void): KyselyPlugin => ({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      count(result.rows.length);
      return result;
    },
  });
  return {
    most,
    db: counting((rows) => {
      inThisTurn += rows;
      most.rowsInATurn = Math.max(most.rowsInATurn, inThisTurn);
    }),
    reports: counting((rows) => {
      most.rowsOfAReport = Math.max(most.rowsOfAReport, rows);
    }),
    begin() {
      Object.assign(most, { rowsInATurn: 0, rowsOfAReport: 0, turns: 0 });
      going = true;
      turn();
    },
    end() {
      going = false;
    },
  };
}

beforeAll(async () => {
  database = await openDatabase({ dataDir: folder });
  counted = counters();
  const watched: Database = Object.assign(Object.create(database), {
    db: database.db.withPlugin(counted.db),
    reports: database.reports.withPlugin(counted.reports),
  });
  house = await openHouse({}, { database: watched });
  await fillHistory(database, { jobs, now: house.world.now() });
  operator = await signIn(house);
}, 60_000);
afterAll(async () => {
  await house.close().catch(() => undefined); // this history has no consistent ledger
  await database.close();
  rmSync(folder, { recursive: true });
});

const member = () => house.caller(busiestMember, { tenant: "discord:guild:1" });
const admin = () => house.caller("boss", { tenant: "discord:guild:1", rights: "admin" });
const boss = () => house.caller("operator-1");
const page = (name: string) => async () => {
  const answer = await operator.get(`/api/dashboard/${name}`);
  expect(answer.status).toBe(200);
  return (await answer.text()).split("\n").length;
};

test.each<[string, () => Promise<unknown>]>([
  ["the history", () => house.usecases.history(member(), { limit: 50 })],
  ["a search", () => house.usecases.history(member(), { limit: 50, search: "zebra" })],
  ["the export", () => house.usecases.exportData(member())],
  ["the statement", () => house.usecases.credits(member())],
  ["usage", () => house.usecases.admin.usage(30, boss())],
  ["usage of a server", () => house.usecases.admin.usage(30, admin())],
  ["members", () => house.usecases.admin.members("somebody", boss())],
  ["jobs of a server", () => house.usecases.admin.jobs({ limit: 100 }, admin())],
  ["services", () => house.usecases.admin.providers(boss())],
  ["unknown outcomes", () => house.usecases.admin.unknown(boss())],
  ["the audit log of a server", () => house.usecases.admin.auditLog(500, admin())],
  ...["overview", "jobs", "usage?days=30", "members", "unknown", "audit-log", "tenant?tenant=web"].map(
    (name): [string, () => Promise<unknown>] => [`the dashboard's ${name}`, page(name)],
  ),
  ...["jobs.csv", "audit-log.csv", "usage.csv"].map((name): [string, () => Promise<unknown>] => [name, page(name)]),
])("%s reads at most 500 rows between two turns, and 1,000 at once in another thread", async (_, look) => {
  counted.begin();
  await look();
  counted.end();
  expect(counted.most.rowsInATurn).toBeLessThanOrEqual(500);
  expect(counted.most.rowsOfAReport).toBeLessThanOrEqual(1000);
});

test("files of all jobs and of the whole audit log are written in pieces, every line once", async () => {
  for (const [name, lines] of [
    ["jobs.csv", jobs],
    ["audit-log.csv", 10_000],
  ] as const) {
    counted.begin();
    const text = await (await operator.get(`/api/dashboard/${name}`)).text();
    counted.end();
    const ids = text
      .trimEnd()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    expect(new Set(ids).size).toBe(lines);
    expect(ids).toHaveLength(lines);
    expect(counted.most.turns).toBeGreaterThan(lines / 100);
  }
});

test("an export is one document in pieces, none of which is long", async () => {
  const { document } = await house.usecases.exportData(member());
  expect(JSON.parse(document.join("")).jobs).toHaveLength(400);
  expect(Math.max(...document.map(({ length }) => length))).toBeLessThan(200_000);
});

test("usage gives those that spent most, and no more than anybody reads", async () => {
  const { byMember, total } = await house.usecases.admin.usage(31, boss());
  expect(byMember).toHaveLength(500);
  expect(byMember[0]).toMatchObject({ name: busiestMember, jobs: 400 });
  expect(total.jobs).toBe(jobs);
});
