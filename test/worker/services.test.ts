import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Draft } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { attemptsOf } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import type { AcceptedCall, CallContext, Provider, ProviderEvent } from "../../src/providers/provider.ts";
import type { Request } from "../../src/request.ts";
import { generate } from "../../src/worker/generate.ts";
import { receiveCallback } from "../../src/worker/receive-callback.ts";
import { failWith, heldUp, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
afterEach(() => house.close());

const imagine = (draft: Partial<Draft> = {}) =>
  house.usecases.imagine({ prompt: "a red bicycle", ...draft }, house.caller());
const attempts = async (job: { id: string }) => attemptsOf(house.database.db, job.id);

describe("a job of more images than one call makes", () => {
  beforeEach(async () => {
    house = await openRoom({ maxCount: 4 });
  });

  test("is several calls, one after the other, each written down, and one result", async () => {
    await house.work();
    const done = await house.end(await imagine({ count: 10 }));
    expect(done).toMatchObject({ state: "delivered", charged: 1250 });
    expect(done.images).toHaveLength(10);
    expect(house.provider.sent.map(({ count }) => count)).toEqual([4, 4, 2]);
    expect((await attempts(done)).map(({ outcome, asked }) => [outcome, asked])).toEqual([
      ["success", 4],
      ["success", 4],
      ["success", 2],
    ]);
    expect(house.posted).toHaveLength(1);
  });

  test("posts and charges what came when a later call fails", async () => {
    house.provider.scripts.push(succeed(), failWith(new ProviderError("service", "failed", "500")));
    await house.work();
    const done = await house.end(await imagine({ count: 10 }));
    expect(done).toMatchObject({ state: "delivered", charged: 500 });
    expect(house.provider.sent).toHaveLength(2);
    expect((await house.balance()).held).toBe(0);
  });

  test("goes on after a restart with the calls that are missing, and repeats none", async () => {
    const slow = heldUp();
    house.provider.scripts.push(succeed(), slow);
    const asked = await imagine({ count: 6 });
    const lease = { owner: "dead", wanted: 1, now: house.world.now(), leaseUntil: 0 };
    const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
    if (!job) throw new Error("nothing claimed");
    const dying = generate(house.context, job);
    await slow.sent;
    await house.database.db.updateTable("attempt").set({ phase: "intent" }).where("n", "=", 2).execute(); // died just before
    await house.work();
    expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 750 });
    expect(house.provider.sent.map(({ count }) => count)).toEqual([4, 2, 2]);
    slow.release();
    await dying;
  });
});

test("a service that tells what it charged is believed, up to what was held", async () => {
  house = await openRoom();
  const costing = (cost: number) =>
    async function* (request: Request, context: CallContext): AsyncGenerator<ProviderEvent> {
      for await (const event of succeed()(request, context)) yield event.type === "done" ? { ...event, cost } : event;
    };
  house.provider.scripts.push(costing(40), costing(100_000));
  await house.work();
  expect((await house.end(await imagine())).charged).toBe(40);
  expect((await house.end(await imagine())).charged).toBe(125);
});

describe("with a second service", () => {
  beforeEach(async () => {
    house = await openRoom({ second: true });
    await house.work();
  });
  const error = (outcome: ProviderError["outcome"], refusedFor?: ProviderError["refusedFor"]) =>
    new ProviderError("service", outcome, "as scripted", { refusedFor });

  test.each([
    ["could not be reached", error("not-sent"), "unsent"],
    ["has no money left", error("refused", "money"), "sent"],
    ["does not take the key", error("refused", "key"), "sent"],
    ["is overloaded", error("refused", "rate"), "sent"],
  ] as const)("it serves when the first %s: one charge, at most the quoted one", async (_what, failure, when) => {
    house.provider.scripts.push(failWith(failure, when));
    const done = await house.end(await imagine({ count: 2 }));
    expect(done).toMatchObject({ state: "delivered", charged: 250 });
    expect(house.second.sent).toHaveLength(1);
    expect((await attempts(done)).map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ["service", failure.outcome],
      ["second", "success"],
    ]);
  });

  test.each([
    ["moderated", undefined],
    ["failed", undefined],
    ["unknown", undefined],
    ["damaged", undefined],
    ["refused", "request"],
  ] as const)("it is never asked after “%s”", async (outcome, refusedFor) => {
    house.provider.scripts.push(failWith(error(outcome, refusedFor)));
    expect(await house.end(await imagine())).toMatchObject({ state: "failed", failure: { outcome } });
    expect(house.second.sent).toEqual([]);
  });

  test("it is never asked when the member insists on the first, or when it is dearer", async () => {
    house.provider.scripts.push(failWith(error("refused", "money")), failWith(error("refused", "money")));
    expect((await house.end(await imagine({ provider: "service" }))).state).toBe("failed");
    Object.assign(house.second, { price: () => 126 });
    house.context.breakers.ended("service", undefined);
    expect((await house.end(await imagine({ provider: "service" }))).state).toBe("failed");
    expect(house.second.sent).toEqual([]);
  });

  test("new requests go to it while the first is avoided, and back afterwards", async () => {
    house.provider.scripts.push(failWith(error("refused", "key")));
    await house.end(await imagine());
    await house.end(await imagine());
    expect(house.provider.sent).toHaveLength(1);
    expect(house.second.sent).toHaveLength(2);
    house.world.advance(60_000);
    await house.end(await imagine());
    expect(house.provider.sent).toHaveLength(2);
  });
});

describe("an asynchronous service", () => {
  /** Takes a call at once and makes its images when the test says so; told by a callback or asked again. */
  function asynchronous() {
    const resumed: AcceptedCall[] = [];
    const hints: unknown[] = [];
    const urls: string[] = [];
    const ready = Promise.withResolvers<void>();
    const finish = async function* (request: Request, context: CallContext): AsyncGenerator<ProviderEvent> {
      await ready.promise;
      yield* succeed()(request, { ...context, beforeSend: async () => undefined });
    };
    const provider: Pick<Provider, "generate" | "resume"> = {
      async *generate(request, context) {
        await context.beforeSend();
        house.provider.sent.push(request);
        if (context.callback) urls.push(context.callback.url);
        yield { type: "accepted", reference: "task-1" };
        void context.callback?.next(600_000, context.signal).then((hint) => hints.push(hint));
        yield* finish(request, context);
      },
      async *resume(call, request, context) {
        resumed.push(call);
        yield* finish(request, context);
      },
    };
    Object.assign(house.provider, provider);
    return { resumed, hints, urls, release: () => ready.resolve() };
  }

  beforeEach(async () => {
    house = await openRoom();
  });

  test("keeps its task's id before anything else happens, and is followed after a restart without a paid call", async () => {
    const service = asynchronous();
    const asked = await imagine({ count: 2 });
    const lease = { owner: "dead", wanted: 1, now: house.world.now(), leaseUntil: 0 };
    const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
    if (!job) throw new Error("nothing claimed");
    const dying = generate(house.context, job);
    const reference = async () => (await attempts(asked))[0]?.reference;
    while (!(await reference())) await new Promise(setImmediate);
    await house.work();
    service.release();
    expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 250 });
    expect(service.resumed).toEqual([{ reference: "task-1", sentAt: house.world.now() }]);
    expect(house.provider.sent).toHaveLength(1);
    await dying;
    expect(house.posted).toHaveLength(1);
  });

  test("is woken by whoever knows the secret of its call, and by nobody else", async () => {
    const service = asynchronous();
    await house.work();
    const asked = await imagine();
    while (service.urls.length === 0) await new Promise(setImmediate);
    const secret = service.urls[0]?.split("/").at(-1) ?? "";
    expect(await receiveCallback(house.context, "wrong", "{}")).toBe(false);
    expect(await receiveCallback(house.context, secret, '{"taskId":"task-1"}')).toBe(true);
    while (service.hints.length === 0) await new Promise(setImmediate);
    expect(service.hints).toEqual([{ taskId: "task-1" }]);
    service.release();
    await house.end(asked);
    expect(await receiveCallback(house.context, secret, "{}")).toBe(false);
  });

  test("never has the secret of a call written down", async () => {
    const service = asynchronous();
    service.release();
    await house.work();
    const done = await house.end(await imagine());
    const secret = service.urls[0]?.split("/").at(-1) ?? "";
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(JSON.stringify([await attempts(done), house.log.lines])).not.toContain(secret);
  });
});

describe("what left the configuration", () => {
  const dayMs = 86_400_000;

  test("a service: its waiting jobs go elsewhere, or end uncharged, and hold up nobody", async () => {
    house = await openRoom({ second: true });
    const elsewhere = await imagine();
    const insisting = await imagine({ provider: "second" });
    await house.database.db.updateTable("job").set({ provider: "gone" }).where("id", "=", elsewhere.id).execute();
    const request = JSON.stringify({ ...insisting.request, provider: "gone" });
    await house.database.db
      .updateTable("job")
      .set({ provider: "gone", request })
      .where("id", "=", insisting.id)
      .execute();
    await house.work();
    expect((await house.end(elsewhere)).state).toBe("delivered");
    const tries = () =>
      house.log.lines.filter(({ facts }) => "inMs" in facts && "job" in facts && facts.job === insisting.id);
    for (const times of [1, 2]) {
      while (tries().length < times) await new Promise(setImmediate);
      house.world.advance(10_000);
    }
    expect(await house.end(insisting)).toMatchObject({ state: "failed", failure: { outcome: "not-sent" } });
    expect((await house.end(await imagine())).state).toBe("delivered");
    expect((await house.balance()).held).toBe(0);
  });

  test("a platform: nothing is drawn for it, and what waits for it ends uncharged after some days", async () => {
    house = await openRoom();
    const asked = await house.usecases.imagine({ prompt: "x" }, house.caller("member-1", { platform: "gone" }));
    await house.work();
    const state = async () => (await house.usecases.job(asked.id, house.caller())).state;
    for (let hour = 0; hour < 7 * 24; hour++) {
      expect(await state()).toBe("queued");
      house.world.advance(dayMs / 24);
      for (let looks = 0; looks < 5; looks++) await new Promise(setImmediate);
    }
    while ((await state()) === "queued") {
      house.world.advance(1000); // the worker looks once a second
      await new Promise(setImmediate);
    }
    expect(await state()).toBe("failed");
    expect([house.provider.sent.length, (await house.balance()).held]).toEqual([0, 0]);
  });
});
