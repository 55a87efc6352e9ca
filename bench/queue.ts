import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCredits } from "../src/credits/credits.ts";
import { claimJobs } from "../src/jobs/claim.ts";
import type { NewJob } from "../src/jobs/job.ts";
import { enqueue } from "../src/jobs/queue.ts";
import { toFailed } from "../src/jobs/transitions.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { realWorld } from "../src/world.ts";
import { newJob } from "../test/support/jobs.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { print, summary, timed } from "./report.ts";

const rounds = 5;
const jobs = 500;
const members = 50;
const backlog = 10_000;
const limits = { perMember: 2, perProvider: { service: 20 } };

/** Accept (hold + enqueue), claim and end, each job on its own; then a claim behind a long queue. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const server = await startPostgres();
  const stores: [string, Database][] = [
    ["sqlite", await openDatabase({ dataDir: folder })],
    ["postgres", await openDatabase({ url: server.url, dataDir: folder })],
  ];
  const rows = [];
  for (const [store, database] of stores) rows.push({ store, ...(await measure(database)) });
  print(rows);
  for (const [, database] of stores) await database.close();
  await server.stop();
  rmSync(folder, { recursive: true });
}

async function measure(database: Database) {
  const world = realWorld();
  const credits = createCredits(database, world, { daily: 1e9, tenantMonthly: undefined, globalDaily: undefined });
  const accept = (job: NewJob) =>
    database.transaction(async (trx) => {
      await credits.hold(trx, { job: job.id, member: job.member, tenant: job.tenant, amount: job.held }, {});
      await enqueue(trx, job);
    });
  const claim = (wanted: number) =>
    claimJobs(database, limits, { now: world.now(), owner: "bench", leaseUntil: world.now() + 60_000, wanted });
  const accepted: number[] = [];
  const drained: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const all = Array.from({ length: jobs }, (_, i) => newJob(world, { member: `member-${i % members}` }));
    accepted.push((jobs / (await timed(() => inTurn(all, accept)))) * 1000);
    drained.push((jobs / (await timed(() => drain(database, claim)))) * 1000);
  }
  for (let i = 0; i < backlog; i++) {
    await database.transaction((trx) => enqueue(trx, newJob(world, { member: `member-${i % members}` })));
  }
  const claims: number[] = [];
  for (let i = 0; i < 20; i++) claims.push(await timed(() => claim(1)));
  return {
    "accepted jobs/s": summary(accepted, 0),
    "claimed and ended jobs/s": summary(drained, 0),
    [`claim with ${backlog} queued, ms`]: summary(claims),
  };
}

async function drain(database: Database, claim: (wanted: number) => ReturnType<typeof claimJobs>): Promise<void> {
  for (;;) {
    const claimed = await claim(20);
    if (claimed.length === 0) return;
    for (const job of claimed) await database.transaction((trx) => toFailed(trx, job, "{}", job.createdAt));
  }
}

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  for (const item of items) await work(item);
}
