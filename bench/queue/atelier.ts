import { createCredits } from "../../src/credits/credits.ts";
import { type ClaimLimits, claimJobs } from "../../src/jobs/claim.ts";
import { holdOf, type Job, type NewJob } from "../../src/jobs/job.ts";
import { countQueued, enqueue, findByInbound } from "../../src/jobs/queue.ts";
import { toFailed } from "../../src/jobs/transitions.ts";
import { countAhead } from "../../src/jobs/turns.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createWorker, type Worker } from "../../src/worker/loop.ts";
import { type Log, realWorld } from "../../src/world.ts";
import { newJob } from "../../test/support/jobs.ts";
import type { Contender } from "./contender.ts";

const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
const limits: ClaimLimits = { perMember: 2, perProvider: { service: 100 } };

/** Our own queue: what the use case does to accept a job, and what ends one without images. */
export async function atelier(name: string, options: Parameters<typeof openDatabase>[0]): Promise<Contender> {
  const database = await openDatabase(options);
  const world = realWorld();
  const credits = createCredits(database, world, { daily: 1e9, tenantMonthly: undefined, globalDaily: undefined });
  const lease = (wanted: number) => ({ wanted, now: world.now(), owner: "bench", leaseUntil: world.now() + 60_000 });
  const claim = (wanted: number) => claimJobs(database, limits, lease(wanted));
  // SQLite's single process wakes its own worker; on PostgreSQL a process without workers accepts, and sends a notice.
  const gateway = database.engine === "postgres" ? await openDatabase(options) : undefined;
  const end = (job: Job) => endJob(database, credits, job, world.now());
  let worker: Worker | undefined;
  return {
    name,
    accepting: "once by its event, limits, top-up, hold, job",
    accept: (member) => acceptJob(database, credits, newJob(world, { member })),
    fill: (members) =>
      database.transaction(async (trx) => {
        const waiting = new Set<string>();
        for (const member of members) {
          await enqueue(trx, newJob(world, { member, held: 0 }), { behind: waiting.has(member) });
          waiting.add(member);
        }
      }),
    async finish(wanted) {
      const jobs = await claim(wanted);
      await Promise.all(jobs.map(end));
      return jobs.length;
    },
    async work(started) {
      const perform = async (job: Job) => {
        started(job.id);
        await end(job);
      };
      worker = createWorker({ name: "bench", slots: 10, claim, perform }, world, log);
      await database.listen(() => worker?.wake());
      worker.start();
    },
    async acceptNamed(member, id) {
      const job = newJob(world, { member });
      id(job.id);
      await acceptJob(gateway ?? database, credits, job);
      if (gateway) await gateway.notify();
      else worker?.wake();
    },
    rest: async () => worker?.stop(),
    async close() {
      await gateway?.close();
      await database.close();
    },
  };
}

async function acceptJob(database: Database, credits: ReturnType<typeof createCredits>, job: NewJob) {
  await database.transaction(async (trx) => {
    const [account, earlier, , ahead] = await Promise.all([
      credits.open(trx, job.member),
      findByInbound(trx, job.inbound),
      countQueued(trx, job.member),
      countAhead(trx, database.engine, job, limits.perMember),
    ]);
    if (earlier) throw new Error("the same job twice");
    await credits.allow(trx, account, { tenant: job.tenant, amount: job.held }, {});
    const behind = ahead >= limits.perMember;
    await Promise.all([enqueue(trx, job, { behind }), credits.hold(trx, account, holdOf(job))]);
  });
}

async function endJob(database: Database, credits: ReturnType<typeof createCredits>, job: Job, now: number) {
  await database.transaction(async (trx) => {
    const [account] = await Promise.all([
      credits.open(trx, job.member),
      toFailed(trx, job, { failure: "{}", isUnknown: false }, now),
    ]);
    await credits.release(trx, account, holdOf(job));
  });
}
