import { CompiledQuery } from "kysely";
import { type Job, PgBoss } from "pg-boss";
import { createCredits, type MemberCredits } from "../../src/credits/credits.ts";
import { holdOf } from "../../src/jobs/job.ts";
import type { Trx } from "../../src/store/connection.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { realWorld } from "../../src/world.ts";
import { newJob } from "../../test/support/jobs.ts";
import type { Contender } from "./contender.ts";

const queue = "jobs";
type Data = ReturnType<typeof newJob>;

/** The database of both, and who holds the credits and the jobs in it. */
interface Deps {
  readonly database: Database;
  readonly credits: MemberCredits;
  readonly boss: PgBoss;
}

/** pg-boss doing what our jobs do: a member's credits are held in the transaction that sends, and given back in the one that completes. */
export async function pgBossWithCredits(url: string): Promise<Contender> {
  const database = await openDatabase({ url, dataDir: "." });
  const world = realWorld();
  const credits = createCredits(database, world, { daily: 1e9, tenantMonthly: undefined, globalDaily: undefined });
  const boss = await startBoss(url);
  const deps: Deps = { database, credits, boss };
  return {
    name: "pg-boss, with credits",
    accepting: "top-up, hold, job",
    accept: (member) => accept(deps, newJob(world, { member })),
    async fill(members) {
      const jobs = members.map((member) => ({ data: newJob(world, { member, held: 0 }) as object }));
      await boss.insert(queue, jobs);
    },
    async finish(wanted) {
      const jobs = await boss.fetch<Data>(queue, { batchSize: wanted });
      await Promise.all(jobs.map((job) => end(deps, job)));
      return jobs.length;
    },
    async work(started) {
      await boss.work<Data>(queue, { localConcurrency: 10 }, async ([job]) => {
        if (job) started(job.data.id);
      });
    },
    acceptNamed(member, id) {
      const job = newJob(world, { member });
      id(job.id);
      return accept(deps, job);
    },
    rest: () => boss.offWork(queue),
    async close() {
      await boss.stop({ graceful: false });
      await database.close();
    },
  };
}

/** Holds the credits of a job in the transaction that sends it. */
function accept({ database, credits, boss }: Deps, job: Data): Promise<void> {
  return database.transaction(async (trx) => {
    const account = await credits.open(trx, job.member);
    await credits.allow(trx, account, { tenant: job.tenant, amount: job.held }, {});
    await Promise.all([
      credits.hold(trx, account, holdOf(job)),
      boss.send(queue, job as object, { db: within(trx) as never }),
    ]);
  });
}

/** Gives the credits of a job back in the transaction that completes it. */
function end({ database, credits, boss }: Deps, { id, data }: Job<Data>): Promise<void> {
  return database.transaction(async (trx) => {
    const account = await credits.open(trx, data.member);
    await Promise.all([
      credits.release(trx, account, holdOf(data)),
      boss.complete(queue, id, undefined, { db: within(trx) as never }),
    ]);
  });
}

async function startBoss(url: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, max: 10, useListenNotify: true });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue(queue, { notify: true });
  return boss;
}

/** Makes pg-boss work within our transaction. */
const within = (trx: Trx) => ({
  executeSql: (text: string, values: unknown[] = []) => trx.executeQuery(CompiledQuery.raw(text, values)),
});
