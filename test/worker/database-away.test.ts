import { afterEach, beforeEach, expect, test } from "vitest";
import { isFinal, type JobView } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { attemptsOf } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { generate } from "../../src/worker/generate.ts";
import { createHeartbeat } from "../../src/worker/heartbeat.ts";
import { type AwayDatabase, awayDatabase, type Moment } from "../support/away.ts";
import { failWith, heldUp, unknownOutcome } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** The database is away for a minute, at each step of a job's life; the process goes on all the while. */
let house: TestBot;
let database: AwayDatabase;

beforeEach(async () => {
  house = await openRoom();
  database = awayDatabase(house.database);
  Object.assign(house.context, { database });
});
afterEach(async () => {
  database.comeBack();
  let closed = false;
  const closing = house.close().finally(() => {
    closed = true;
  });
  while (!closed) {
    house.world.advance(1000); // whoever waits for the database looks again
    await turn();
  }
  await closing;
});

const imagine = (count = 1) => house.usecases.imagine({ prompt: "a red bicycle", count }, house.caller());
const turn = () => new Promise(setImmediate);
const now = async ({ id }: JobView) => house.usecases.job(id, house.caller());

async function awayForAMinute(): Promise<void> {
  for (let second = 0; second < 60; second++) {
    house.world.advance(1000);
    for (let looks = 0; looks < 5; looks++) await turn();
  }
  database.comeBack();
}

/** Lets time go by until the job is final and told. */
async function end(job: JobView): Promise<JobView> {
  for (;;) {
    if (database.away) await awayForAMinute();
    for (let looks = 0; looks < 10; looks++) await turn();
    const view = await now(job).catch(() => undefined);
    const confirmed = await house.database.db.selectFrom("delivery").select("phase").execute();
    if (view && isFinal(view.state) && confirmed.every(({ phase }) => phase === "confirmed")) return view;
    house.world.advance(1000);
  }
}

/** Claim, prepare, send, answered, settled, posted: and what the next looks and beats do. */
const steps = [1, 2, 3, 4, 5, 6, 7];
const cases = steps.flatMap((step) => (["before", "after"] as const).map((moment): [number, Moment] => [step, moment]));

test.each(cases)(
  "at transaction %i, %s its commit: one paid call, one charge, and the images arrive",
  async (step, moment) => {
    const asked = await imagine(2);
    await house.work();
    database.leaveAt(step, moment);
    const done = await end(asked);
    expect(done).toMatchObject({ state: "delivered", charged: 250 });
    expect(done.images).toHaveLength(2);
    expect(house.provider.sent).toHaveLength(1);
    expect(await house.balance()).toEqual({ available: 4750, held: 0 });
    expect(house.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  },
);

test.each(cases)(
  "at transaction %i, %s its commit, of a job that fails: told once, not charged, not sent again",
  async (step, moment) => {
    house.provider.scripts.push(failWith(unknownOutcome()));
    const asked = await imagine();
    await house.work();
    database.leaveAt(step, moment);
    expect(await end(asked)).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
    expect(house.provider.sent).toHaveLength(1);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  },
);

test.each(cases)(
  "at transaction %i, %s its commit, of a call that the service puts off: it is made later",
  async (step, moment) => {
    house.provider.scripts.push(failWith(new ProviderError("service", "refused", "busy", { refusedFor: "rate" })));
    const asked = await imagine();
    await house.work();
    database.leaveAt(step, moment);
    const done = await end(asked);
    expect(done).toMatchObject({ state: "delivered", charged: 125 });
    expect(house.provider.sent).toHaveLength(2);
  },
);

test("while the service works: what it sends is kept and used, although the lease ran out meanwhile", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const asked = await imagine();
  await house.work();
  await slow.sent;
  database.leave();
  slow.release();
  expect(await end(asked)).toMatchObject({ state: "delivered", charged: 125 });
  expect((await attemptsOf(house.database.db, asked.id)).map(({ outcome }) => outcome)).toEqual(["success"]);
});

test("a process that finds it back waits a beat before it takes over what others seem to have left", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const asked = await imagine();
  const lease = { owner: "first", wanted: 1, now: house.world.now(), leaseUntil: house.world.now() + 60_000 };
  const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
  if (!job) throw new Error("nothing claimed");
  const first = generate(house.context, job);
  await slow.sent;
  const nothing = { active: () => [], resume: () => undefined, takeLate: () => undefined };
  const second = createHeartbeat(house.context, { owner: "second", leaseMs: 60_000, ...nothing });
  await second.start();
  database.leave();
  await awayForAMinute();
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      house.world.advance(1000);
      for (let looks = 0; looks < 5; looks++) await turn();
    }
  };
  await seconds(14); // the first one has not said yet that it lives
  expect((await now(asked)).state).toBe("running");
  await seconds(4);
  while ((await now(asked)).state === "running") await seconds(1);
  expect(await now(asked)).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
  slow.release();
  await first;
  await second.stop();
});

test("what the store refuses although it answers is left to recovery, which goes by what is on disk", async () => {
  const { transaction } = database;
  let refusing = true;
  Object.assign(house.context, {
    database: {
      ...database,
      transaction: (run: Parameters<typeof transaction>[0]) =>
        transaction(async (trx) => {
          const result = await run(trx);
          const answered = await trx.selectFrom("attempt").select("id").where("outcome", "=", "success").execute();
          if (refusing && answered.length > 0) throw new Error("disk full");
          return result;
        }),
    },
  });
  const asked = await imagine();
  await house.work();
  while (!house.log.lines.some(({ level }) => level === "error")) {
    house.world.advance(1000);
    await turn();
  }
  refusing = false;
  expect(await end(asked)).toMatchObject({ state: "delivered", charged: 125 });
  expect(house.provider.sent).toHaveLength(1);
});
