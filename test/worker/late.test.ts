import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { ProviderError } from "../../src/errors.ts";
import { attemptsOf } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import type { Job } from "../../src/jobs/job.ts";
import type { AcceptedCall, Provider } from "../../src/providers/provider.ts";
import { audit } from "../../src/store/audit.ts";
import { generate } from "../../src/worker/generate.ts";
import { claimCalledBack, claimReceived, takeLate } from "../../src/worker/late.ts";
import { receiveCallback } from "../../src/worker/receive-callback.ts";
import { recover } from "../../src/worker/recover.ts";
import { failWith, heldUp, type Script, succeed, unknownOutcome } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** Images of a call that had been given up: the member was told that there are none, and got the credits back. */
let house: TestBot;
const dayMs = 86_400_000;
const free: Script = (request, context) => succeed()(request, { ...context, beforeSend: async () => undefined });

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const turn = () => new Promise(setImmediate);
const imagine = (count = 2) => house.usecases.imagine({ prompt: "a red bicycle", count }, house.caller());
const now = ({ id }: { id: string }) => house.usecases.job(id, house.caller());
const claim = (owner = "other") => ({ owner, leaseUntil: house.world.now() + 60_000 });
const booked = async () =>
  (await house.database.db.selectFrom("transfer").select(["kind", "amount"]).orderBy("id").execute())
    .filter(({ kind }) => !["top-up", "hold", "release"].includes(kind))
    .map(({ kind, amount }) => `${kind} ${amount}`);

async function until(done: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await done())) {
    house.world.advance(500);
    await turn();
  }
}
const delivered = (job: { id: string }) => until(async () => (await now(job)).state === "delivered");

async function expectFree(job: JobView): Promise<void> {
  await delivered(job);
  expect(await now(job)).toMatchObject({ state: "delivered", charged: 0, failure: undefined });
  expect((await now(job)).images).toHaveLength(2);
  expect(await house.balance()).toEqual({ available: 5000, held: 0 });
  expect(house.posted.map(({ job: posted, earlier, nonce }) => [posted.state, earlier, nonce.length <= 25])).toEqual([
    ["failed", undefined, true],
    ["delivered", "message-1", true],
  ]);
  expect(house.posted[1]?.nonce).not.toBe(house.posted[0]?.nonce);
  expect(await booked()).toEqual(["unknown 250", "billed 250", "goodwill 250"]);
  expect(house.lateResults).toEqual([{ provider: "service", goodwill: 250 }]);
  expect(await audit(house.database.db)).toEqual([]);
}

describe("of an asynchronous service", () => {
  let urls: string[];
  let resumed: AcceptedCall[];
  let follows: Script[];

  beforeEach(() => {
    urls = [];
    resumed = [];
    follows = [];
    const provider: Pick<Provider, "generate" | "resume"> = {
      // biome-ignore lint/correctness/useYield: its answer was lost
      async *generate(request, context) {
        await context.beforeSend();
        house.provider.sent.push(request);
        if (context.callback) urls.push(context.callback.url);
        throw unknownOutcome();
      },
      resume(call, request, context) {
        resumed.push(call);
        return (follows.shift() ?? free)(request, context);
      },
    };
    Object.assign(house.provider, provider);
  });

  const callBack = (body = '{"taskId":"task-1"}') =>
    receiveCallback(house.context, urls[0]?.split("/").at(-1) ?? "", body);

  async function givenUp(): Promise<JobView> {
    await house.work();
    const failed = await house.end(await imagine());
    expect(failed).toMatchObject({ state: "failed", failure: { outcome: "unknown" } });
    await until(async () => (await phase()) === "confirmed");
    return failed;
  }
  const phase = async () => (await house.database.db.selectFrom("delivery").select("phase").executeTakeFirst())?.phase;

  test("are posted when it calls back, free of charge, in place of the news of the failure, without a paid call", async () => {
    const job = await givenUp();
    expect(await callBack()).toBe(true);
    await expectFree(job);
    expect(house.provider.sent).toHaveLength(1);
    expect(resumed).toHaveLength(1);
    expect(await callBack()).toBe(false);
    expect(await attemptsOf(house.database.db, job.id)).toMatchObject([{ outcome: "unknown", settled: "billed" }]);
  });

  test("are posted once, however often it calls back and however many processes hear of it", async () => {
    const job = await givenUp();
    await house.work();
    for (let i = 0; i < 60; i++) await callBack();
    expect(await house.database.db.selectFrom("callback").select("id").execute()).toHaveLength(50);
    await expectFree(job);
    for (let i = 0; i < 20; i++) {
      house.world.advance(5000);
      await turn();
    }
    expect(house.posted).toHaveLength(2);
    expect(resumed).toHaveLength(1);
  });

  test("come with the next callback when the first one was no more than a hint", async () => {
    const job = await givenUp();
    follows.push(failWith(new ProviderError("service", "unknown", "still at work"), "unsent"));
    await callBack("junk");
    await until(() => house.log.lines.some(({ message }) => message === "no late result"));
    expect(await now(job)).toMatchObject({ state: "failed" });
    await until(async () => (await house.database.db.selectFrom("callback").select("id").execute()).length === 0);
    await callBack();
    await expectFree(job);
  });

  test("are never paid for again, even by an adapter that tries to", async () => {
    const job = await givenUp();
    follows.push(succeed());
    await callBack();
    await until(() => house.log.lines.some(({ message }) => message === "no late result"));
    expect(house.provider.sent).toHaveLength(1);
    expect(await now(job)).toMatchObject({ state: "failed" });
  });

  test("wait until the member was told", async () => {
    const job = await givenUp();
    await house.database.db.updateTable("delivery").set({ phase: "pending", due_at: 9e15 }).execute();
    await callBack();
    expect(await claimCalledBack(house.context, claim(), 9)).toEqual([]);
    await house.database.db.updateTable("delivery").set({ phase: "confirmed" }).execute();
    await expectFree(job);
  });

  test("are taken for 30 days", async () => {
    const job = await givenUp();
    house.world.advance(30 * dayMs + 1000);
    expect(await callBack()).toBe(false);
    expect(await now(job)).toMatchObject({ state: "failed" });
  });

  test("are not for a job that was delivered with those that it had", async () => {
    Object.assign(house.provider, {
      generate: async function* (request, context) {
        urls.push(context.callback?.url ?? "");
        for await (const event of succeed({ count: 1 })(request, context)) if (event.type === "image") yield event;
        throw unknownOutcome();
      } satisfies Script,
    });
    await house.work();
    const done = await house.end(await imagine());
    expect(done).toMatchObject({ state: "delivered", charged: 125 });
    expect(await callBack()).toBe(false);
    expect(await claimReceived(house.context, claim())).toEqual([]);
  });

  test("are not for content that was deleted", async () => {
    const job = await givenUp();
    await house.database.db
      .updateTable("job")
      .set({ erased_at: 1, prompt_folded: "" })
      .where("id", "=", job.id)
      .execute();
    expect(await callBack()).toBe(false);
  });

  test("are posted by another process when the one that fetched them dies", async () => {
    const job = await givenUp();
    await callBack();
    await house.database.db
      .updateTable("job")
      .set({ lease_owner: "dead", lease_until: house.world.now() + 60_000 })
      .execute();
    await expectFree(job);
  });

  test("stay settled as the operator said, who was first", async () => {
    const job = await givenUp();
    const { settleUnknown } = await import("../../src/credits/spend.ts");
    const [attempt] = await attemptsOf(house.database.db, job.id);
    await house.database.transaction(async (trx) => {
      const call = { attempt: attempt?.id ?? "", job: job.id, provider: "service", amount: 250, billed: false };
      await settleUnknown(trx, house.world, call);
      await trx.updateTable("attempt").set({ settled: "not-billed" }).execute();
    });
    await callBack();
    await delivered(job);
    expect(await booked()).toEqual(["unknown 250", "not-billed 250", "goodwill 250"]);
    expect(await audit(house.database.db)).toEqual([]);
  });
});

describe("found on disk", () => {
  async function claimedBy(owner: string): Promise<Job> {
    await imagine();
    const lease = { owner, wanted: 1, now: house.world.now(), leaseUntil: house.world.now() + 60_000 };
    const [job] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
    if (!job) throw new Error("nothing claimed");
    return job;
  }

  /** A process that is frozen while the service works; another gives its call up, and tells the member. */
  async function frozen() {
    const slow = heldUp();
    house.provider.scripts.push(slow);
    const job = await claimedBy("frozen");
    const zombie = generate(house.context, job);
    await slow.sent;
    house.world.advance(61_000);
    await recover(house.context, claim());
    await house.work();
    expect((await house.end(await now(job))).state).toBe("failed");
    return { job: await now(job), thaw: () => [slow.release(), zombie][1] as Promise<void> };
  }

  test("when a frozen process received them after its job had been given up, are posted free of charge", async () => {
    const { job, thaw } = await frozen();
    await thaw();
    await expectFree(job);
    expect(house.provider.sent).toHaveLength(1);
  });

  test("are posted once, although two processes find them at the same time", async () => {
    const { job, thaw } = await frozen();
    await until(() => house.posted.length === 1);
    await thaw();
    const found = await Promise.all([
      claimReceived(house.context, claim("a")),
      claimReceived(house.context, claim("b")),
    ]);
    expect(found.flat()).toHaveLength(1);
    const [late] = found.flat();
    if (late) await Promise.all([takeLate(house.context, late), takeLate(house.context, late)]);
    await expectFree(job);
  });

  test("in part, are posted once nobody can be receiving the rest any more", async () => {
    const { job } = await frozen();
    await until(() => house.posted.length === 1);
    const [attempt] = await attemptsOf(house.database.db, job.id);
    const sink = await house.context.images.openResult(attempt?.id ?? "", 0);
    const sharp = (await import("sharp")).default;
    await sink.write(
      await sharp({ create: { width: 1024, height: 1024, channels: 3, background: "#888" } })
        .png()
        .toBuffer(),
    );
    await sink.commit();
    house.world.advance(30_000 - (house.world.now() - (attempt?.ended_at ?? 0)));
    expect(await claimReceived(house.context, claim())).toEqual([]);
    house.world.advance(31_000); // the service's time is up
    await delivered(job);
    expect((await now(job)).images).toHaveLength(1);
  });

  test("while the job is another process's, are that one's to use", async () => {
    const slow = heldUp();
    house.provider.scripts.push(slow);
    const job = await claimedBy("frozen");
    const zombie = generate(house.context, job);
    await slow.sent;
    await house.database.db.updateTable("job").set({ fence: 2, lease_owner: "other" }).execute();
    slow.release();
    await zombie;
    house.world.advance(61_000);
    await house.work(); // takes it over, and finds them
    expect(await house.end(await now(job))).toMatchObject({ state: "delivered", charged: 250 });
    expect(house.posted).toHaveLength(1);
    expect(await audit(house.database.db)).toEqual([]);
  });
});
