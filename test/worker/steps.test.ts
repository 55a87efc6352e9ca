import { afterEach, beforeEach, expect, test } from "vitest";
import { DeliveryDelayed } from "../../src/contract/delivery.ts";
import type { StepEnd, StepStart, StepStarted } from "../../src/contract/steps.ts";
import { addStep } from "../../src/jobs/steps.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { claimDueSteps, performStep } from "../../src/worker/steps.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let context: TestBot["context"];
const starts: StepStart[] = [];
const ends: StepEnd[] = [];
/** The platform answers the next calls so; after the last one, it starts a job. */
const answers: (StepStarted | Error)[] = [];
const endings: Error[] = [];

beforeEach(async () => {
  house = await openRoom();
  for (const list of [starts, ends, answers, endings]) list.length = 0;
  const poster = house.context.platform("test");
  if (!poster) throw new Error("the room has a platform");
  const taker = {
    async startStep(step: StepStart): Promise<StepStarted> {
      starts.push(step);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? { job: await made(step.id) };
    },
    async endStep(end: StepEnd): Promise<void> {
      ends.push(end);
      const problem = endings.shift();
      if (problem) throw problem;
    },
  };
  context = { ...house.context, platform: () => ({ ...poster, ...taker }) };
});
afterEach(() => house.close());

const key = "test:T1:step:Fx1";
const made = async (inbound: string) => {
  const job = await house.usecases.imagine({ prompt: "a fox" }, house.caller("ada", { inbound }));
  return job.id;
};
const add = (member?: string) =>
  addStep(
    house.database.db,
    { id: key, platform: "test", tenant: "test", event: '{"prompt":"a fox"}', member },
    house.world.now(),
  );
const row = () => house.database.db.selectFrom("workflow_step").selectAll().executeTakeFirst();
const claim = (owner = "p1") => {
  const now = house.world.now();
  return claimDueSteps(context, { owner, wanted: 4, now, leaseUntil: now + 60_000 }, ["test"]);
};
/** One turn of a process: how many steps it took. */
async function turn(): Promise<number> {
  const rows = await claim();
  for (const each of rows) await performStep(context, each);
  return rows.length;
}

test("starts a step once, and keeps nothing of its words from then on", async () => {
  await add("ada");
  await add("ada");
  const [one, two] = [await claim("p1"), await claim("p2")];
  expect([one.length, two.length]).toEqual([1, 0]);
  for (const each of one) await performStep(context, each);
  expect(starts).toHaveLength(1);
  expect(await row()).toMatchObject({ phase: "open", event: "", member: null, job: expect.any(String) });
});

test("tells its end once the job has ended, and not before", async () => {
  await add();
  await turn();
  expect(await turn()).toBe(0);
  const job = String((await row())?.job);
  await house.work();
  await house.end(await house.usecases.job(job, house.caller("ada")));
  while ((await row())?.phase !== "ended") await turn();
  expect(ends).toMatchObject([{ id: key, outcome: { job: { id: job, state: "delivered" } } }]);
  expect(await turn()).toBe(0);
});

test("tells that nobody approved its job in time, and that it cost nothing", async () => {
  await house.usecases.approvals.rule({ above: 100, channel: "approvals" }, house.caller("boss", { rights: "admin" }));
  await add();
  await turn();
  const job = String((await row())?.job);
  expect(await house.usecases.job(job, house.caller("ada"))).toMatchObject({ state: "awaiting" });
  expect(await turn()).toBe(0);
  house.world.advance(86_400_000);
  await house.work();
  while ((await row())?.phase !== "ended") await turn();
  expect(ends).toMatchObject([
    { id: key, outcome: { job: { id: job, state: "failed", failure: { outcome: "approval-expired" } } } },
  ]);
  expect(await house.balance("ada")).toEqual({ available: 5000, held: 0 });
  expect(house.provider.sent).toEqual([]);
});

test("tells a refusal, tries again while the platform is away, and ends once", async () => {
  answers.push({ refused: "No." });
  endings.push(new DeliveryDelayed("away", 5000));
  await add();
  expect([await turn(), await turn(), await turn()]).toEqual([1, 1, 0]);
  house.world.advance(5000);
  expect([await turn(), await turn()]).toEqual([1, 0]);
  expect(ends.map(({ outcome }) => outcome)).toEqual([{ refused: "No." }, { refused: "No." }]);
  expect(await row()).toMatchObject({ phase: "ended", error: null });
});

test("gives a step up that meets a fault again and again, unless its job was made", async () => {
  await add();
  answers.push(...Array.from({ length: 6 }, () => new Error("a bug")));
  for (let tries = 0; tries < 6; tries += 1) {
    expect(await turn()).toBe(1);
    house.world.advance(300_000);
  }
  await turn();
  expect(ends).toEqual([{ id: key, tenant: "test", outcome: { refused: "" } }]);
});

test("finds the job that a fault kept it from writing down", async () => {
  await add();
  const job = await made(key);
  answers.push(...Array.from({ length: 6 }, () => new Error("a bug")));
  for (let tries = 0; tries < 6; tries += 1) {
    await turn();
    house.world.advance(300_000);
  }
  expect(await row()).toMatchObject({ phase: "open", job });
});

test("hands a step of a dead process on once its lease has run out, and takes no word of the dead one", async () => {
  await add();
  const [dead] = await claim("p1");
  house.world.advance(60_001);
  await turn();
  expect(await row()).toMatchObject({ phase: "open" });
  if (dead) await performStep({ ...context, wake: () => undefined }, dead);
  expect(new Set(starts.map(({ id }) => id))).toEqual(new Set([key]));
  expect((await house.database.db.selectFrom("job").select("id").execute()).length).toBe(1);
});

test("forgets the words of who leaves, and what ended a day ago", async () => {
  await add("ada");
  await house.usecases.deleteData(house.caller("ada"));
  expect(await row()).toMatchObject({ phase: "refused", event: "", member: null });
  await turn();
  expect(ends).toEqual([{ id: key, tenant: "test", outcome: { refused: "" } }]);
  house.world.advance(86_400_001);
  await sweepOnce(context);
  expect(await row()).toBeUndefined();
});
