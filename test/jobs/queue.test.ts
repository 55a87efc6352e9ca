import { beforeEach, expect, test } from "vitest";
import { type ClaimLimits, claimJobs } from "../../src/jobs/claim.ts";
import type { NewJob } from "../../src/jobs/job.ts";
import { rankQueue } from "../../src/jobs/position.ts";
import { countByState, enqueue, findByInbound, findJob, jobsOf } from "../../src/jobs/queue.ts";
import { backToQueued, toFailed } from "../../src/jobs/transitions.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

onBothStores("the queue", (store) => {
  let database: Database;
  let world: TestWorld;
  const limits: ClaimLimits = { perMember: 1, perProvider: { service: 4 } };

  const add = async (given: Partial<NewJob>) => {
    const job = newJob(world, given);
    await database.transaction((trx) => enqueue(trx, job));
    return job;
  };
  const placeOf = async (id: string) => (await rankQueue(database.db)).placeOf(id);
  const addAs = (member: string, given: Partial<NewJob> = {}) => add({ member, ...given });
  const claim = (wanted: number, given: Partial<ClaimLimits> = {}) =>
    claimJobs(
      database,
      { ...limits, ...given },
      { now: world.now(), owner: "me", leaseUntil: world.now() + 60_000, wanted },
    );
  const finish = async (id: string) => {
    const job = await findJob(database.db, id);
    if (job) await database.transaction((trx) => toFailed(trx, job, { failure: "{}", isUnknown: false }, world.now()));
  };

  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
  });

  test("gives a queued job back as it was put in", async () => {
    const job = await add({ request: { ...newJob(world).request, prompt: '猫 🚲 "quoted"' } });
    expect(await findJob(database.db, job.id)).toMatchObject({ ...job, state: "queued", charged: undefined });
    expect(await findByInbound(database.db, job.inbound)).toMatchObject({ id: job.id });
    expect(await findJob(database.db, "none")).toBeUndefined();
  });

  test("refuses a second job for the same inbound event", async () => {
    await add({ inbound: "discord:1" });
    await expect(add({ inbound: "discord:1" })).rejects.toThrow();
  });

  test("runs one job of a member at a time, first in, first out", async () => {
    const [first, second] = [await addAs("a"), await addAs("a")];
    expect((await claim(9)).map(({ id }) => id)).toEqual([first.id]);
    expect(await claim(9)).toEqual([]);
    await finish(first.id);
    expect((await claim(9)).map(({ id }) => id)).toEqual([second.id]);
  });

  test("runs jobs of several members side by side", async () => {
    for (const member of ["a", "b", "c"]) await addAs(member);
    expect((await claim(9)).map(({ member }) => member)).toEqual(["a", "b", "c"]);
  });

  test("never passes the limit of a service, whoever asks", async () => {
    for (let i = 0; i < 6; i++) await addAs(`m${i}`);
    expect(await claim(9, { perProvider: { service: 2 } })).toHaveLength(2);
    expect(await claim(9, { perProvider: { service: 2 } })).toHaveLength(0);
    expect(await claim(9, { perProvider: { service: 3 } })).toHaveLength(1);
  });

  test("counts all models of a service as one", async () => {
    for (const [i, model] of ["", "/a", "/b", "/b", "-2"].entries()) {
      await addAs(`m${i}`, { provider: `service${model}` });
    }
    const claimed = await claim(9, { perProvider: { service: 2, "service-2": 1 } });
    expect(claimed.map(({ provider }) => provider)).toEqual(["service", "service/a", "service-2"]);
    expect(await claim(9, { perProvider: { service: 2 } })).toHaveLength(0);
    expect((await claim(9, { perProvider: { service: 3 } })).map(({ provider }) => provider)).toEqual(["service/b"]);
  });

  test("lets a full service not hold up another one", async () => {
    await addAs("a", { provider: "slow" });
    await addAs("b", { provider: "slow" });
    await addAs("c", { provider: "fast" });
    const claimed = await claim(9, { perProvider: { slow: 1, fast: 1 } });
    expect(claimed.map(({ member }) => member)).toEqual(["a", "c"]);
  });

  test("lets any number of members who wait for a full service not hold up another one", async () => {
    for (let i = 0; i < 150; i++) await addAs(`m${i}`, { provider: "full" });
    await addAs("patient", { provider: "free" });
    const claimed = await claim(4, { perProvider: { full: 1, free: 1 } });
    expect(claimed.map(({ provider }) => provider).toSorted()).toEqual(["free", "full"]);
  });

  test("never claims more than is wanted, nor the same job twice, by simultaneous claims", async () => {
    for (let i = 0; i < 12; i++) await addAs(`m${i % 6}`);
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claim(1, { perMember: 2, perProvider: { service: 5 } })),
    );
    const ids = claims.flat().map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
  });

  test("lets a member with one job pass one with a thousand after at most one job", async () => {
    for (let i = 0; i < 30; i++) await addAs("heavy");
    const [running] = await claim(1, { perProvider: { service: 1 } });
    const light = await addAs("light");
    await finish(running?.id ?? "");
    world.advance(1000);
    expect((await claim(1, { perProvider: { service: 1 } })).map(({ id }) => id)).toEqual([light.id]);
  });

  test("takes turns between members, least recently served first", async () => {
    const order: string[] = [];
    for (let i = 0; i < 3; i++) for (const member of ["a", "b", "c"]) await addAs(member);
    for (let turn = 0; turn < 9; turn++) {
      world.advance(1000);
      for (const job of await claim(1, { perProvider: { service: 1 } })) {
        order.push(job.member);
        await finish(job.id);
      }
    }
    expect(order.join("")).toBe("abcabcabc");
  });

  test("tells a position that is the true number of jobs before it", async () => {
    const jobs = [
      await addAs("a"),
      await addAs("a"),
      await addAs("b"),
      await addAs("a"),
      await addAs("c"),
      await addAs("b"),
    ];
    const positions = new Map<string, number | undefined>();
    for (const { id } of jobs) positions.set(id, (await placeOf(id))?.position);
    const started: string[] = [];
    for (let turn = 0; turn < jobs.length; turn++) {
      world.advance(1000);
      for (const { id } of await claim(1, { perProvider: { service: 1 } })) {
        started.push(id);
        await finish(id);
      }
    }
    expect([...positions].sort((x, y) => (x[1] ?? 0) - (y[1] ?? 0)).map(([id]) => id)).toEqual(started);
    expect([...positions.values()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await placeOf(started[0] ?? "")).toBeUndefined();
  });

  test("lets what was tried before give way to what others just asked for, and keeps its own member's order", async () => {
    const [tried] = [await addAs("a"), await addAs("a")];
    const [claimed] = await claim(1);
    if (!claimed) throw new Error("nothing claimed");
    await database.transaction((trx) => backToQueued(trx, claimed, world.now()));
    world.advance(1000);
    const served = await addAs("b");
    expect((await claim(1)).map(({ id }) => id)).toEqual([served.id]);
    await finish(served.id);
    world.advance(1000);
    const fresh = await addAs("b"); // although b was served later than a
    const places = await Promise.all([fresh, tried].map(({ id }) => placeOf(id)));
    expect(places.map((place) => place?.position)).toEqual([1, 2]);
    expect((await claim(1)).map(({ id }) => id)).toEqual([fresh.id]);
    expect((await claim(1)).map(({ id }) => id)).toEqual([tried.id]);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    "tells the true position of jobs of which some were tried before (%i)",
    async (seed) => {
      const chance = dice(seed);
      const jobs: string[] = [];
      for (let i = 0; i < 9; i++) jobs.push((await addAs(`m${Math.floor(chance() * 4)}`)).id);
      const claimed = await claim(3);
      for (const job of claimed) await database.transaction((trx) => backToQueued(trx, job, world.now()));
      for (const [i, { id }] of claimed.entries()) {
        await database.db
          .updateTable("job")
          .set({ started_at: world.now() + i })
          .where("id", "=", id)
          .execute();
      }
      world.advance(1000);
      const positions: [string, number | undefined][] = [];
      for (const id of jobs) positions.push([id, (await placeOf(id))?.position]);
      const started: string[] = [];
      const [first] = positions.filter(([, position]) => position === 1);
      for (const { id } of await claim(1, { perProvider: { service: 1 } })) started.push(id);
      expect(started).toEqual([first?.[0]]);
      expect(positions.map(([, position]) => position).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
        jobs.map((_, i) => i + 1),
      );
    },
  );

  test("holds a requeued job back until its time, and the member's later ones with it", async () => {
    await addAs("a");
    await addAs("a");
    const [job] = await claim(1);
    if (!job) throw new Error("nothing claimed");
    await database.transaction((trx) => backToQueued(trx, job, world.now() + 5000));
    expect(await claim(9)).toEqual([]);
    world.advance(5000);
    expect((await claim(9)).map(({ id, fence }) => [id, fence])).toEqual([[job.id, 2]]);
  });

  test("lists a member's own jobs, newest first, and counts by state", async () => {
    const [old, young] = [await addAs("a"), await addAs("a")];
    await addAs("b");
    await claim(9);
    expect((await jobsOf(database.db, "a", 10)).map(({ id }) => id)).toEqual([young.id, old.id]);
    expect(await jobsOf(database.db, "a", 1)).toHaveLength(1);
    expect(await countByState(database.db)).toEqual({ running: 2, queued: 1 });
  });
});

function dice(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
