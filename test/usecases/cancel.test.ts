import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attemptsOf, noteUnsent } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import type { Job } from "../../src/jobs/job.ts";
import { audit } from "../../src/store/audit.ts";
import { generate } from "../../src/worker/generate.ts";
import { heldUp, type Script, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openRoom({ maxCount: 2 });
});
afterEach(() => house.close());

const imagine = (count = 1) => house.usecases.imagine({ prompt: "a red bicycle", count }, house.caller());
const cancel = (job: { id: string }, caller = house.caller()) => house.usecases.cancel(job.id, caller);
const now = ({ id }: { id: string }) => house.usecases.job(id, house.caller());

async function claimed(): Promise<Job> {
  const lease = { owner: "me", wanted: 1, now: house.world.now(), leaseUntil: house.world.now() + 60_000 };
  const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
  if (!job) throw new Error("nothing claimed");
  return job;
}

/** Stops right before the write-ahead. */
function hesitating(then: Script = succeed()) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const script: Script = async function* (request, context) {
    reached.resolve();
    await released.promise;
    yield* then(request, context);
  };
  return Object.assign(script, { reached: reached.promise, release: () => released.resolve() });
}

describe("a job of which nothing was sent", () => {
  test("is cancelled while it waits, and gives its credits back", async () => {
    const asked = await imagine();
    expect((await cancel(asked)).state).toBe("cancelled");
    expect((await cancel(asked)).state).toBe("cancelled");
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  });

  test("is cancelled while its call is prepared: its process then sends nothing", async () => {
    const call = hesitating();
    house.provider.scripts.push(call);
    const asked = await imagine();
    const work = generate(house.context, await claimed());
    await call.reached;
    expect((await cancel(asked)).state).toBe("cancelled");
    call.release();
    await work;
    expect(house.provider.sent).toEqual([]);
    expect(await now(asked)).toMatchObject({ state: "cancelled" });
    expect(await attemptsOf(house.database.db, asked.id)).toEqual([]);
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
    expect(house.log.lines.filter(({ level }) => level === "error")).toEqual([]);
    expect(await audit(house.database.db)).toEqual([]);
  });
});

test("a job whose call was sent cannot be cancelled: no service has a way to stop it", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const asked = await imagine();
  await house.work();
  await slow.sent;
  await expect(cancel(asked)).rejects.toMatchObject({ code: "too-late-to-cancel" });
  slow.release();
  expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 125 });
});

test("a job that has some of its images makes no more, and is posted and charged with those", async () => {
  const second = hesitating();
  house.provider.scripts.push(succeed(), second);
  const asked = await imagine(4);
  await house.work();
  await second.reached;
  expect((await cancel(asked)).state).toBe("delivering");
  second.release();
  const done = await house.end(asked);
  expect(done).toMatchObject({ state: "delivered", charged: 250 });
  expect(done.images).toHaveLength(2);
  expect(house.provider.sent).toHaveLength(1);
  expect(await audit(house.database.db)).toEqual([]);
});

test("a job that has some of its images ends once when cancel is pressed twice at the same moment", async () => {
  const second = hesitating();
  house.provider.scripts.push(succeed(), second);
  const asked = await imagine(4);
  await house.work();
  await second.reached;
  await Promise.all([cancel(asked), cancel(asked)]);
  second.release();
  expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 250 });
  expect(await audit(house.database.db)).toEqual([]);
});

test("a job that waits to go on with its second call likewise", async () => {
  house.provider.scripts.push(succeed());
  const asked = await imagine(4);
  const job = await claimed();
  const { database, context } = house;
  Object.assign(house.provider, { concurrency: 1 });
  const stopped = hesitating();
  house.provider.scripts.push(stopped);
  const work = generate(context, job);
  await stopped.reached;
  // Another process takes it over and puts it back, as after a crash.
  await database.db.updateTable("job").set({ lease_until: 0 }).execute();
  const { recover } = await import("../../src/worker/recover.ts");
  await recover(context, { owner: "other", leaseUntil: house.world.now() + 60_000 });
  expect((await now(asked)).state).toBe("queued");
  expect((await cancel(asked)).state).toBe("delivering");
  stopped.release();
  await work;
  await house.work();
  expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 250 });
  expect(house.provider.sent).toHaveLength(1);
});

describe("may be cancelled by", () => {
  test.each([
    ["who manages the tenant", { rights: "admin" as const }],
    ["an operator", { rights: "operator" as const, tenant: "elsewhere" }],
  ])("%s, although it is another's", async (_who, given) => {
    const asked = await imagine();
    expect((await cancel(asked, house.caller("other", given))).state).toBe("cancelled");
    expect(await house.balance()).toEqual({ available: 5000, held: 0 });
    const done = await house.usecases.admin.auditLog(10, house.caller("other", { ...given, rights: "operator" }));
    expect(done).toMatchObject([{ name: "cancel", subject: asked.id, operator: "other" }]);
  });

  test("its owner, which is nobody else's business", async () => {
    await cancel(await imagine());
    expect(await house.usecases.admin.auditLog(10, house.caller("other", { rights: "operator" }))).toEqual([]);
  });

  test.each([
    ["another member", {}, "job-not-yours"],
    ["who manages another tenant", { rights: "admin" as const, tenant: "elsewhere" }, "job-unknown"],
  ])("not by %s", async (_who, given, code) => {
    const asked = await imagine();
    await expect(cancel(asked, house.caller("other", given))).rejects.toMatchObject({ code });
    expect((await now(asked)).state).toBe("queued");
  });
});

test("a job whose images are gone from the disk ends as a bug, uncharged, instead of being repeated for ever", async () => {
  const asked = await imagine();
  const job = await claimed();
  await house.database.transaction((trx) =>
    noteUnsent(trx, job, { id: "attempt-1", asked: 1, callbackHash: undefined, now: house.world.now() }),
  );
  await house.database.db.updateTable("attempt").set({ phase: "ended", outcome: "success" }).execute();
  await expect(cancel(asked)).rejects.toMatchObject({ code: "too-late-to-cancel" });
  await generate(house.context, job);
  expect(await now(asked)).toMatchObject({ state: "failed", failure: { outcome: "bug" } });
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
});
