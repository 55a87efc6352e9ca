import { beforeEach, expect, test } from "vitest";
import { attemptsOf, endAttempt, LeaseLost, noteUnsent, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { claimDeliveries, confirmDelivery } from "../../src/jobs/deliveries.ts";
import type { Job } from "../../src/jobs/job.ts";
import { enqueue, findJob } from "../../src/jobs/queue.ts";
import {
  backToQueued,
  cancelUnsent,
  failedToDelivering,
  seizeWithImages,
  toDelivering,
  toFailed,
} from "../../src/jobs/transitions.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

onBothStores("jobs", (store) => {
  let database: Database;
  let world: TestWorld;

  const lease = (owner = "me") => ({ owner, now: world.now(), leaseUntil: world.now() + 60_000 });
  const tx = <Result>(run: (trx: Trx) => Promise<Result>) => database.transaction(run);
  const cancel = (id: string) =>
    tx((trx) => cancelUnsent(trx, id, { now: world.now(), ready: 1, engine: store.engine }));
  const call = (id: string) => ({ id, asked: 1, callbackHash: undefined, estimate: 125, now: world.now() });
  const begin = (job: Job, id = "attempt-1") => tx((trx) => noteUnsent(trx, job, call(id)));
  const send = (job: Job, id = "attempt-1") => tx((trx) => writeAhead(trx, job, call(id), world.now()));
  const end = (outcome: "success" | "unknown" | "not-sent", id = "attempt-1") =>
    tx((trx) => endAttempt(trx, id, { outcome, now: world.now() }));
  const stateOf = async ({ id }: { id: string }) => (await findJob(database.db, id))?.state;

  async function queued() {
    const job = newJob(world);
    await tx((trx) => enqueue(trx, job));
    return job;
  }
  async function running(): Promise<Job> {
    await queued();
    const [job] = await claimJobs(database, { perMember: 9, perProvider: { service: 9 } }, { ...lease(), wanted: 1 });
    if (!job) throw new Error("nothing claimed");
    return job;
  }

  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
  });

  test("are cancelled once while they wait", async () => {
    const job = await queued();
    expect(await cancel(job.id)).toMatchObject({ state: "cancelled", finishedAt: world.now() });
    expect(await cancel(job.id)).toBeUndefined();
  });

  test("are cancelled while a call is only prepared; its write-ahead then fails, so that nothing is sent", async () => {
    const job = await running();
    await begin(job);
    expect(await cancel(job.id)).toMatchObject({ state: "cancelled" });
    await expect(send(job)).rejects.toThrow(LeaseLost);
    expect(await attemptsOf(database.db, job.id)).toMatchObject([
      { phase: "ended", outcome: "not-sent", sent_at: null },
    ]);
  });

  test("are not cancelled once a call may have been sent, nor when one was answered", async () => {
    const job = await running();
    await begin(job);
    await send(job);
    expect(await cancel(job.id)).toBeUndefined();
    await end("success");
    expect(await cancel(job.id)).toBeUndefined();
    expect(await stateOf(job)).toBe("running");
  });

  test("of which a call is cancelled and sent at the same moment are either, never both", async () => {
    for (let round = 0; round < 8; round++) {
      const job = await running();
      const id = `attempt-${round}`;
      await begin(job, id);
      const moves = [
        () => cancel(job.id),
        () =>
          send(job, id).then(
            () => "sent" as const,
            () => undefined,
          ),
      ];
      const [one, other] = await Promise.all((round % 2 ? moves.reverse() : moves).map((move) => move()));
      expect([one, other].filter((won) => won !== undefined)).toHaveLength(1);
      const [attempt] = await attemptsOf(database.db, job.id);
      expect(attempt?.phase).toBe((await stateOf(job)) === "cancelled" ? "ended" : "sending");
    }
  });

  test("that are cancelled at the moment of their claim stay cancelled", async () => {
    const job = await queued();
    const claim = () => claimJobs(database, { perMember: 9, perProvider: { service: 9 } }, { ...lease(), wanted: 1 });
    const [cancelled, claimed] = await Promise.all([cancel(job.id), claim()]);
    // Cancelled first, it is not claimed; claimed first, nothing of it was sent yet.
    expect(cancelled?.state).toBe("cancelled");
    expect(await stateOf(job)).toBe("cancelled");
    for (const lost of claimed) await expect(begin(lost)).rejects.toThrow(LeaseLost);
  });

  test("with images are taken from their process between two calls, and only then", async () => {
    const job = await running();
    const seize = () =>
      tx((trx) => seizeWithImages(trx, job.id, { ...lease("member"), ready: 1, engine: store.engine }));
    expect(await seize()).toBeUndefined();
    await begin(job);
    await send(job);
    await end("success");
    await begin(job, "attempt-2");
    await send(job, "attempt-2");
    expect(await seize()).toBeUndefined();
    await end("not-sent", "attempt-2");
    expect((await seize())?.fence).toBe(job.fence + 1);
    await expect(begin(job, "attempt-3")).rejects.toThrow(LeaseLost);
  });

  test("count how often they went back to the queue", async () => {
    const job = await running();
    await tx((trx) => backToQueued(trx, job, world.now()));
    const { requeues } = await database.db.selectFrom("job").select("requeues").executeTakeFirstOrThrow();
    expect(requeues).toBe(1);
  });

  async function failed(reported: boolean): Promise<Job> {
    const job = await running();
    await begin(job);
    await send(job);
    await end("unknown");
    await tx((trx) => toFailed(trx, job, { failure: "{}", isUnknown: false }, world.now()));
    if (reported) {
      const [delivery] = await claimDeliveries(
        database,
        { ...lease(), wanted: 9 },
        { platforms: ["test"], abandonedBefore: 0 },
      );
      if (!delivery) throw new Error("nothing to tell");
      const where = { route: "channel", message: "news", messages: [], now: world.now() };
      await tx((trx) => confirmDelivery(trx, delivery, where));
    }
    return job;
  }

  test("that failed are posted after all, once, and the message that told the failure stays known", async () => {
    const job = await failed(true);
    const late = () => tx((trx) => failedToDelivering(trx, job, 0, world.now()));
    await late();
    expect(await findJob(database.db, job.id)).toMatchObject({ state: "delivering", charged: 0, failure: undefined });
    expect(
      await claimDeliveries(database, { ...lease(), wanted: 9 }, { platforms: ["test"], abandonedBefore: 0 }),
    ).toMatchObject([{ message: "news", route: "channel", phase: "sending", tries: 1 }]);
    await expect(late()).rejects.toThrow(LeaseLost);
  });

  test("that failed are not posted late before the member was told of the failure", async () => {
    const untold = await failed(false);
    const late = (job: Job) => tx((trx) => failedToDelivering(trx, job, 0, world.now()));
    await expect(late(untold)).rejects.toThrow(LeaseLost);
    expect(await stateOf(untold)).toBe("failed");
  });

  test("that failed and were erased, or are with another process, stay failed", async () => {
    const job = await failed(true);
    const late = () => tx((trx) => failedToDelivering(trx, job, 0, world.now()));
    const erase = (at: number | null) => database.db.updateTable("job").set({ erased_at: at }).execute();
    await erase(1);
    await expect(late()).rejects.toThrow(LeaseLost);
    await erase(null);
    await database.db.updateTable("job").set({ fence: 99 }).execute();
    await expect(late()).rejects.toThrow(LeaseLost);
    expect(await stateOf(job)).toBe("failed");
  });

  test("that were delivered or cancelled never come back", async () => {
    const job = await running();
    await tx((trx) => toDelivering(trx, job, 125, world.now()));
    await expect(tx((trx) => failedToDelivering(trx, job, 0, world.now()))).rejects.toThrow(LeaseLost);
    expect(await cancel(job.id)).toBeUndefined();
  });

  test("have an attempt written down once, however often that is repeated", async () => {
    const job = await running();
    await begin(job);
    await begin(job);
    expect(await attemptsOf(database.db, job.id)).toMatchObject([{ n: 1, estimate: 125 }]);
  });
});
