import { afterEach, beforeEach, expect, test } from "vitest";
import { attemptsOf, noteUnsent, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import type { Job } from "../../src/jobs/job.ts";
import { generate } from "../../src/worker/generate.ts";
import { recover } from "../../src/worker/recover.ts";
import { heldUp, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** Each test leaves the store as a process leaves it that dies at one point; then the next process starts. */
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

async function claimedBy(owner: string): Promise<Job> {
  await house.usecases.imagine({ prompt: "a red bicycle", count: 2 }, house.caller());
  return claim(owner);
}

async function claim(owner: string): Promise<Job> {
  const lease = { owner, wanted: 1, now: house.world.now(), leaseUntil: house.world.now() + 60_000 };
  const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
  if (!job) throw new Error("nothing claimed");
  return job;
}

const call = (id: string, asked: number) => ({ id, asked, callbackHash: undefined, now: house.world.now() });
const begin = (job: Job, id = "attempt-1", asked = 2) =>
  house.database.transaction((trx) => noteUnsent(trx, job, call(id, asked)));
const send = (job: Job, id = "attempt-1", asked = 2) =>
  house.database.transaction((trx) => writeAhead(trx, job, call(id, asked), house.world.now()));
const endOf = async (job: Job) => house.end(await house.usecases.job(job.id, house.caller()));

async function receive(job: Job, count: number) {
  const request = { ...job.request, count };
  const events = succeed()(request, {
    signal: new AbortController().signal,
    attempt: "attempt-1",
    endUser: "",
    beforeSend: async () => undefined,
    openImage: (index) => house.context.images.openResult("attempt-1", index),
    pathOf: () => "",
    download: async () => undefined,
  });
  for await (const _ of events);
}

test("runs a job once that was queued when the process died", async () => {
  const { id } = await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller());
  await house.work();
  expect((await house.end(await house.usecases.job(id, house.caller()))).state).toBe("delivered");
  expect(house.provider.sent).toHaveLength(1);
});

test.each([
  ["claimed", async () => undefined],
  ["about to send", begin],
])("runs a job again that was %s, because nothing was sent", async (_when, before) => {
  const job = await claimedBy("dead");
  await before(job);
  await house.work();
  expect(await endOf(job)).toMatchObject({ state: "delivered", charged: 250 });
  expect(house.provider.sent).toHaveLength(1);
});

test("never sends again what may have been sent: the member is told and not charged", async () => {
  const job = await claimedBy("dead");
  await begin(job);
  await send(job);
  const runner = await house.work();
  expect(await endOf(job)).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
  await runner.stop();
  expect(house.provider.sent).toHaveLength(0);
  expect(house.posted.map(({ job: posted }) => posted.failure?.outcome)).toEqual(["unknown"]);
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
});

test("posts images that had reached the disk when the process died, and charges those", async () => {
  const job = await claimedBy("dead");
  await begin(job);
  await send(job);
  await receive(job, 1);
  await house.work();
  expect(await endOf(job)).toMatchObject({ state: "delivered", charged: 125, images: [{ width: 1024 }] });
  expect(house.provider.sent).toHaveLength(0);
});

test("posts the images of an earlier call when the process died during a later one whose outcome nobody knows", async () => {
  const first = await claimedBy("dead");
  await begin(first, "attempt-1", 1);
  await send(first);
  await receive(first, 1);
  house.world.advance(61_000);
  await recover(house.context, { owner: "next", leaseUntil: house.world.now() + 60_000 });
  const second = await claim("dead as well");
  await begin(second, "attempt-2", 1);
  await send(second, "attempt-2");
  await house.work();
  expect(await endOf(second)).toMatchObject({ state: "delivered", charged: 125, images: [{ width: 1024 }] });
  expect(house.provider.sent).toHaveLength(0);
});

test("posts again, as a repetition, what was being posted when the process died", async () => {
  const job = await claimedBy("dead");
  await generate(house.context, job);
  await house.database.db
    .updateTable("delivery")
    .set({ phase: "sending", lease_owner: "dead", lease_until: 9e15 })
    .execute();
  await house.work();
  expect((await endOf(job)).state).toBe("delivered");
  expect(house.posted).toMatchObject([{ repeated: true }]);
});

test("keeps what a frozen process received, but lets it change nothing any more", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const job = await claimedBy("frozen");
  const frozen = generate(house.context, job);
  await slow.sent;
  house.world.advance(61_000);
  await recover(house.context, { owner: "other", leaseUntil: house.world.now() + 60_000 });
  expect((await house.usecases.job(job.id, house.caller())).state).toBe("failed");
  slow.release();
  await frozen;
  expect((await house.usecases.job(job.id, house.caller())).state).toBe("failed");
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  const [attempt] = await attemptsOf(house.database.db, job.id);
  expect((await house.context.images.received(attempt?.id ?? "")).images).toHaveLength(2);
});

test("leaves a running job of this very process alone, however long it takes", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const runner = await house.work();
  const asked = await house.usecases.imagine({ prompt: "slow" }, house.caller());
  await slow.sent;
  const extended = async () => {
    const { lease_until } = await house.database.db.selectFrom("job").select("lease_until").executeTakeFirstOrThrow();
    return lease_until === house.world.now() + 60_000;
  };
  for (let beat = 0; beat < 10; beat++) {
    house.world.advance(15_000);
    while (!(await extended())) await new Promise(setImmediate);
  }
  slow.release();
  expect((await house.end(asked)).state).toBe("delivered");
  await runner.stop();
});
