import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { claimJobs } from "../src/jobs/claim.ts";
import { loadNow, measuredOf } from "../src/jobs/durations.ts";
import { audit } from "../src/store/audit.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { openHouse, signIn } from "../test/platforms/web/dashboard/house.ts";
import { fillHistory } from "../test/support/long-history.ts";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { testWorld } from "../test/support/world.ts";
import { eyesOf, looks } from "./lists.ts";
import { print, timed } from "./report.ts";

/** `BENCH_HISTORY="jobs,members"`. */
const [jobs = 0, members = 0] = (process.env.BENCH_HISTORY ?? "1000000,100000").split(",").map(Number);
const rounds = 3;

type Times = ReadonlyMap<string, number>;

/** Measures each command, page and figure once there is a long history, on both stores; the first is told when it is done. */
export async function run(): Promise<void> {
  tell("SQLite", await timesOn(undefined));
  const server = await startPostgres({ mortal: true });
  tell("PostgreSQL", await timesOn(await createDatabase(server.url, "growth")));
  await server.stop();
}

function tell(engine: string, times: Times): void {
  const heading = `with ${jobs} jobs of ${members} members`;
  print([...times].map(([what, ms]) => ({ [heading]: what, [`${engine}, ms`]: ms.toFixed(1) })));
  process.stdout.write("\n");
}

async function timesOn(url: string | undefined): Promise<Times> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const place = { dataDir: folder, ...(url === undefined ? {} : { url }) };
  const times = new Map<string, number>();
  const filling = await openDatabase(place);
  const now = testWorld().now(); // the day of those who look at it
  times.set("writing the history", await timed(() => fillHistory(filling, { jobs, now, members })));
  if (filling.engine === "postgres") await sql`analyze`.execute(filling.db);
  await filling.close();
  let database: Database | undefined;
  const open = async () => {
    database = await openDatabase(place);
  };
  times.set("opening the database, at a start", await timed(open));
  if (!database) throw new Error("no database");
  const opened: Database = database;
  times.set("the audit, beside the start", await timed(() => audit(opened.reports)));
  await lookAround(opened, times);
  await opened.close();
  rmSync(folder, { recursive: true });
  return times;
}

/** So long a report may take to be made again. */
const shortMs = 5000;

/** The quickest of a few looks: whatever else the machine does is only ever added. Long reports are made once. */
async function lookAround(database: Database, times: Map<string, number>): Promise<void> {
  const house = await openHouse({}, { database });
  const eyes = eyesOf(house, await signIn(house));
  const lease = { wanted: 4, now: Date.now(), owner: "bench", leaseUntil: Date.now() + 60_000 };
  const all: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["accepting a command", () => house.usecases.imagine({ prompt: "a red bicycle" }, house.caller(house.world.id()))],
    ["a claim", () => claimJobs(database, { perMember: 1, perProvider: { service: 4 } }, lease)],
    ["metrics: the load", () => loadNow(database.db)],
    ["metrics: durations", () => measuredOf(database.db, "service")],
    ...looks.map(([name, look]) => [name, () => look(eyes)] as const),
  ];
  for (const [name, work] of all) {
    const taken: number[] = [];
    do taken.push(await timed(work));
    while (taken.length < rounds && Math.max(...taken) < shortMs);
    times.set(name, Math.min(...taken));
  }
  await house.close().catch(() => undefined); // the history has no ledger that is consistent
}
