import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { type ClaimLimits, claimJobs } from "../../src/jobs/claim.ts";
import { enqueue, findJob } from "../../src/jobs/queue.ts";
import { backToQueued, cancelUnsent, toFailed } from "../../src/jobs/transitions.ts";
import { audit } from "../../src/store/audit.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { claimByModel, type ModelJob } from "../support/queue-model.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

/** Fewer on PostgreSQL, where each step is a round trip: it is the same statement. */
const courses = { sqlite: 1000, postgres: 60 };
const steps = 14;

interface Course {
  readonly database: Database;
  readonly world: TestWorld;
  readonly chance: () => number;
  readonly limits: ClaimLimits;
}

onBothStores("a claim", (store) => {
  let database: Database;
  beforeAll(async () => {
    database = await store.open();
  });

  test("takes what a simple model takes, and its list never differs from the jobs, over random courses", async () => {
    for (let seed = 1; seed <= courses[store.engine]; seed += 1) {
      const chance = dice(seed);
      const course = { database, world: testWorld(), chance, limits: limitsOf(chance) };
      for (let step = 0; step < steps; step += 1) await stepOf(course, seed);
      const findings = await audit(database.db);
      expect(findings.filter(({ view }) => view === "v_bad_waiting").map((finding) => [seed, finding])).toEqual([]);
      await empty(database);
    }
  }, 240_000);

  test("keeps its list when a member's transactions meet, and when one of them is taken back", async () => {
    const world = testWorld();
    const jobs = Array.from({ length: 8 }, () => newJob(world, { member: "same" }));
    await Promise.all(jobs.map((job) => database.transaction((trx) => enqueue(trx, job))));
    const lost = database.transaction(async (trx) => {
      await enqueue(trx, newJob(world, { member: "same" }));
      throw new RangeError("the process died");
    });
    const limits = { perMember: 3, perProvider: { service: 8 } };
    const lease = { now: world.now(), owner: "me", leaseUntil: world.now() + 1000, wanted: 2 };
    await Promise.all([
      expect(lost).rejects.toThrow("died"),
      claimJobs(database, limits, lease),
      claimJobs(database, limits, lease),
      ...jobs.slice(4).map(({ id }) => database.transaction((trx) => cancelUnsent(trx, id, world.now()))),
      ...[1, 2, 3].map(() => database.transaction((trx) => enqueue(trx, newJob(world, { member: "same" })))),
    ]);
    const findings = await audit(database.db);
    expect(findings.filter(({ view }) => view === "v_bad_waiting")).toEqual([]);
    const { rows } = await sql<{ n: number }>`select count(*) as n from waiting_member`.execute(database.db);
    expect(rows.map(({ n }) => Number(n))).toEqual([1]);
    await empty(database);
  });
});

function limitsOf(chance: () => number): ClaimLimits {
  const upTo = (most: number) => Math.floor(chance() * (most + 1));
  return {
    perMember: 1 + upTo(2),
    perProvider: { one: 1 + upTo(3), two: upTo(2) },
    platforms: chance() < 0.3 ? ["test"] : undefined,
    abandonedBefore: chance() < 0.5 ? testWorld().now() + 2000 : undefined,
  };
}

/** Members of three tenants ask, are claimed for, wait again, end and cancel. */
async function stepOf(course: Course, seed: number): Promise<void> {
  const { database, world, chance } = course;
  const pick = <Item>(from: readonly Item[]) => from[Math.floor(chance() * from.length)];
  world.advance(1 + Math.floor(chance() * 1000));
  const dice = chance();
  if (dice < 0.45) return ask(course);
  if (dice < 0.7) return expectTheModel(course, seed);
  const jobs = await readJobs(database);
  const of = pick(jobs.filter(({ state }) => (dice < 0.9 ? state === "running" : state === "queued")));
  const job = of && (await findJob(database.db, of.id));
  if (!job) return;
  const now = world.now();
  await database.transaction(async (trx: Trx) => {
    if (dice < 0.8) await backToQueued(trx, job, now + Math.floor(chance() * 1500));
    else if (dice < 0.9) await toFailed(trx, job, { failure: "{}", isUnknown: false }, now);
    else await cancelUnsent(trx, job.id, now);
  });
}

async function ask({ database, world, chance }: Course): Promise<void> {
  const member = Math.floor(chance() * 7);
  // A few ask in more than one place.
  const tenant = member === 0 ? Math.floor(chance() * 3) : member % 3;
  const given = {
    member: `m${member}`,
    tenant: `t${tenant}`,
    provider: ["one", "two", "gone"][Math.floor(chance() * 2.2)] ?? "one",
    platform: chance() < 0.8 ? "test" : "other",
  };
  await database.transaction((trx) => enqueue(trx, newJob(world, given)));
}

async function expectTheModel({ database, world, chance, limits }: Course, seed: number): Promise<void> {
  const wanted = 1 + Math.floor(chance() * 4);
  const claim = { now: world.now(), owner: "me", leaseUntil: world.now() + 60_000, wanted };
  const expected = claimByModel(await readJobs(database), limits, claim);
  const claimed = (await claimJobs(database, limits, claim)).map(({ id }) => id);
  expect([seed, claimed]).toEqual([seed, expected.toSorted()]);
}

async function readJobs({ db }: Database): Promise<ModelJob[]> {
  const rows = await db.selectFrom("job").selectAll().execute();
  return rows.map((row) => ({ ...row, retried: row.requeues > 0, startedAt: row.started_at ?? 0 }));
}

async function empty({ db }: Database): Promise<void> {
  await db.deleteFrom("delivery").execute();
  await db.deleteFrom("job").execute();
}

function dice(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
