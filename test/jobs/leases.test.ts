import { beforeEach, expect, test } from "vitest";
import { attemptsOf, LeaseLost, noteUnsent, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { claimDeliveries, confirmDelivery, isOurs, postponeDelivery } from "../../src/jobs/deliveries.ts";
import type { Job } from "../../src/jobs/job.ts";
import { expireAllLeases, extendLeases, takeOver } from "../../src/jobs/leases.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import { backToQueued, endDelivering, toDelivering } from "../../src/jobs/transitions.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

onBothStores("leases", (store) => {
  let database: Database;
  let world: TestWorld;
  let job: Job;

  const lease = (owner: string, wanted = 1) => ({ owner, wanted, now: world.now(), leaseUntil: world.now() + 60_000 });
  const deliveries = (owner: string) =>
    claimDeliveries(database, lease(owner, 9), { platforms: ["test"], abandonedBefore: 0 });

  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
    await database.transaction((trx) => enqueue(trx, newJob(world)));
    const [claimed] = await claimJobs(database, { perMember: 1, perProvider: { service: 1 } }, lease("first"));
    if (!claimed) throw new Error("nothing claimed");
    job = claimed;
  });

  test("are not taken over while their process says that it lives", async () => {
    world.advance(50_000);
    await extendLeases(database.db, "first", [job.id], world.now() + 60_000);
    world.advance(50_000);
    expect(await takeOver(database.db, lease("second"))).toEqual([]);
    world.advance(20_000);
    expect((await takeOver(database.db, lease("second"))).map(({ id }) => id)).toEqual([job.id]);
  });

  test("once lost, let their old process change nothing", async () => {
    const call = { id: "attempt-1", asked: 1, callbackHash: undefined, now: world.now() };
    await database.transaction((trx) => noteUnsent(trx, job, call));
    world.advance(61_000);
    const [taken] = await takeOver(database.db, lease("second"));
    expect(taken?.fence).toBe(job.fence + 1);
    for (const change of [
      () => database.transaction((trx) => writeAhead(trx, job, call, world.now())),
      () => database.transaction((trx) => toDelivering(trx, job, 125, world.now())),
      () => database.transaction((trx) => backToQueued(trx, job, world.now())),
    ]) {
      await expect(change()).rejects.toThrow(LeaseLost);
    }
    expect((await attemptsOf(database.db, job.id)).map(({ phase }) => phase)).toEqual(["intent"]);
  });

  test("all count as dead when the only process of a store starts", async () => {
    await expireAllLeases(database.db);
    expect((await takeOver(database.db, lease("second"))).map(({ id }) => id)).toEqual([job.id]);
  });

  test("of a delivery bring it back when its process dies, marked as begun", async () => {
    await database.transaction((trx) => toDelivering(trx, job, 125, world.now()));
    const [mine] = await deliveries("first");
    expect(mine).toMatchObject({ phase: "sending", tries: 1 });
    expect(mine && (await isOurs(database.db, mine))).toBe(true);
    expect(await deliveries("second")).toEqual([]);
    world.advance(61_000);
    const [again] = await deliveries("second");
    expect(again).toMatchObject({ phase: "sending", tries: 2 });
    expect(mine && (await isOurs(database.db, mine))).toBe(false);
    const confirm = (delivery: typeof mine) =>
      database.transaction(async (trx) =>
        delivery
          ? confirmDelivery(trx, delivery, { route: "channel", message: "m", messages: [], now: world.now() })
          : undefined,
      );
    expect(await confirm(mine)).toBe(false);
    expect(await confirm(again)).toBe(true);
    expect(await confirm(again)).toBe(false);
    world.advance(100_000);
    expect(await deliveries("third")).toEqual([]);
  });

  test("leave deliveries for other platforms alone, and postponed ones until they are due", async () => {
    await database.transaction((trx) => toDelivering(trx, job, 125, world.now()));
    expect(await claimDeliveries(database, lease("x", 9), { platforms: ["other"], abandonedBefore: 0 })).toEqual([]);
    const [mine] = await deliveries("first");
    if (mine) await postponeDelivery(database, mine, { runAt: world.now() + 5000, tries: 0 });
    expect(await deliveries("first")).toEqual([]);
    world.advance(5000);
    expect(await deliveries("first")).toMatchObject([{ tries: 2 }]); // it may have been posted all the same
  });

  test("give deliveries in the order in which their jobs ended", async () => {
    await database.transaction((trx) => toDelivering(trx, job, 125, world.now()));
    world.advance(1);
    const later = newJob(world, { member: "later" });
    await database.transaction((trx) => enqueue(trx, later));
    const [claimed] = await claimJobs(database, { perMember: 1, perProvider: { service: 1 } }, lease("first"));
    if (claimed) await database.transaction((trx) => toDelivering(trx, claimed, 125, world.now()));
    const claims = await claimDeliveries(database, lease("first", 9), { platforms: ["test"], abandonedBefore: 0 });
    expect(claims.map((row) => row.job)).toEqual([job.id, later.id]);
  });

  test("end a delivering job once", async () => {
    await database.transaction((trx) => toDelivering(trx, job, 125, world.now()));
    const end = () => database.transaction((trx) => endDelivering(trx, job.id, "delivered", world.now()));
    expect([await end(), await end()]).toEqual([true, false]);
  });
});
