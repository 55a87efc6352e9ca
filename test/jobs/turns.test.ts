import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { LeaseLost } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { type Job, type NewJob, rowOf } from "../../src/jobs/job.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import { backToQueued, cancelUnsent, toFailed } from "../../src/jobs/transitions.ts";
import { countAhead, mendTurns } from "../../src/jobs/turns.ts";
import { audit } from "../../src/store/audit.ts";
import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import type { JobRow } from "../../src/store/tables.ts";
import { dice } from "../support/dice.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

onBothStores("turns", (store) => {
  let database: Database;
  let world: TestWorld;

  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
  });

  const somebodyWaits = async () => {
    const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return (await waiting.execute(database.db)).rows.length > 0;
  };

  /** As a use case does it. */
  const put = async (trx: Trx, member: string, given: Partial<NewJob> = {}, ready = 1) => {
    const job = newJob(world, { member, ...given });
    return enqueue(trx, job, { behind: (await countAhead(trx, database.engine, job, ready)) >= ready });
  };
  const add = (member: string, given: Partial<NewJob> = {}, ready = 1) =>
    database.transaction((trx) => put(trx, member, given, ready));
  const lease = () => ({ now: world.now(), owner: "me", leaseUntil: world.now() + 60_000 });
  const claim = (wanted: number, perMember = 1, perProvider: Record<string, number> = { service: 9 }) =>
    claimJobs(database, { perMember, perProvider }, { ...lease(), wanted });
  const cancel = (id: string, ready = 1) =>
    database.transaction((trx) => cancelUnsent(trx, id, { now: world.now(), ready, engine: store.engine }));
  /** Unless it was cancelled meanwhile. */
  const putBack = (job: Job) =>
    database
      .transaction((trx) => backToQueued(trx, job, world.now()))
      .catch((error: unknown) => expect(error).toBeInstanceOf(LeaseLost));
  const turnOf = async (id: string) =>
    (await database.db.selectFrom("job").select("turn").where("id", "=", id).executeTakeFirst())?.turn;
  const stuck = async () => (await audit(database.db)).filter(({ view }) => view === "v_bad_turn");

  test("are had by the first of each member's queue, and passed on when it is started or cancelled", async () => {
    const [first, second, third] = [await add("a"), await add("a"), await add("a")];
    expect([await turnOf(first.id), await turnOf(second.id), await turnOf(third.id)]).toEqual([0, null, null]);
    world.advance(1000);
    await claim(1);
    expect([await turnOf(second.id), await turnOf(third.id)]).toEqual([world.now(), null]);
    await cancel(second.id);
    expect(await turnOf(third.id)).toBe(world.now());
  });

  test("do not come sooner to a member who cancels what is before", async () => {
    const many = [await add("greedy"), await add("greedy"), await add("greedy")];
    const [started] = await claim(1);
    world.advance(1000);
    const modest = await add("modest");
    if (started) await database.transaction((trx) => toFailed(trx, started, { failure: "{}", isUnknown: false }, 1));
    await cancel(many[1]?.id ?? "");
    expect((await claim(1)).map(({ id }) => id)).toEqual([modest.id]);
  });

  test("come to the second job when the first waits for a service without room, where two may run", async () => {
    await add("a", { provider: "full" }, 2);
    const second = await add("a", {}, 2);
    const third = await add("a", {}, 2);
    expect((await claim(9, 2, { full: 0, service: 9 })).map(({ id }) => id)).toEqual([second.id]);
    expect(await claim(9, 2, { full: 0, service: 9 })).toEqual([]);
    await cancel((await add("b", {}, 2)).id, 2);
    expect((await claim(9, 3, { full: 0, service: 9 })).map(({ id }) => id)).toEqual([third.id]);
  });

  test("come to a job that was made before those that wait already, by a process that was slower", async () => {
    const slower = newJob(world, { member: "a" });
    const first = await add("a");
    await add("a", slower);
    expect(await stuck()).toEqual([]);
    expect((await claim(1)).map(({ id }) => id)).toEqual([slower.id]);
    expect((await claim(9, 2)).map(({ id }) => id)).toEqual([first.id]);
  });

  test("come to a job that was tried before, ahead of those behind it", async () => {
    const [first, second] = [await add("a"), await add("a")];
    const [tried] = await claim(1);
    if (!tried) throw new Error("nothing claimed");
    await database.transaction((trx) => backToQueued(trx, tried, world.now()));
    expect((await claim(9)).map(({ id }) => id)).toEqual([first.id]);
    expect(await stuck()).toEqual([]);
    await cancel(first.id);
    expect((await claim(9)).map(({ id }) => id)).toEqual([second.id]);
  });

  test.each([1, 2, 3, 4, 5, 6])("never leave a job behind, whatever happens at once (%i)", async (seed) => {
    const { next: chance, one } = dice(seed);
    const ready = 1 + (seed % 3);
    const ids: string[] = [];
    const early = Array.from({ length: 20 }, () => world.id()); // of processes that are slow to accept
    const newId = () => (chance() < 0.3 && early.shift()) || world.id();
    for (let round = 0; round < 12; round++) {
      const acts = Array.from({ length: 6 }, async () => {
        const act = chance();
        if (act < 0.5) ids.push((await add(one(["a", "b", "c"]), { id: newId() }, ready)).id);
        else if (act < 0.75) await cancel(one(ids) ?? "", ready);
        else for (const job of await claim(2, ready)) await putBack(job);
      });
      await Promise.all(acts);
      world.advance(10);
      expect(await stuck()).toEqual([]);
    }
    const { length } = await database.db.selectFrom("job").select("id").where("state", "=", "queued").execute();
    let started = 0;
    for (let jobs = await claim(99, ready); jobs.length > 0; jobs = await claim(99, ready)) {
      started += jobs.length;
      for (const job of jobs)
        await database.transaction((trx) => toFailed(trx, job, { failure: "{}", isUnknown: false }, world.now()));
    }
    expect(started).toBe(length);
  });

  if (store.engine === "postgres") {
    test("come to jobs that a process of an earlier version put there, or left behind", async () => {
      const { turn: _, ...earlier } = rowOf(newJob(world, { member: "a" }));
      await database.db
        .insertInto("job")
        .values(earlier as JobRow)
        .execute();
      const second = await add("a");
      expect([await turnOf(earlier.id), await turnOf(second.id)]).toEqual([0, null]);
      const start = { state: "running", fence: 1, lease_owner: "me", lease_until: 1, started_at: 5 } as const;
      await database.db.updateTable("job").set(start).where("id", "=", earlier.id).execute();
      await mendTurns(database);
      expect(await turnOf(second.id)).toBe(5);
    });

    test("come to what was put behind a job that somebody else is starting", async () => {
      const first = await add("a");
      const begun = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const starting = database.transaction(async (trx) => {
        await trx
          .updateTable("job")
          .set({ state: "running", fence: 1, lease_owner: "me", lease_until: 1 })
          .where("id", "=", first.id)
          .execute();
        begun.resolve();
        await go.promise;
      });
      await begun.promise;
      const second = await add("a");
      go.resolve();
      await starting;
      expect(await turnOf(second.id)).not.toBeNull();
    });

    test("come to what is being put behind a job while it is started", async () => {
      await add("a");
      let [starting, ended]: [Promise<unknown>, boolean] = [Promise.resolve(), false];
      const second = await database.transaction(async (trx) => {
        const job = await put(trx, "a");
        starting = claim(1).then(() => {
          ended = true;
        });
        while (!ended && !(await somebodyWaits())) await nextTurn();
        return job;
      });
      await starting;
      expect(await turnOf(second.id)).toBe(world.now());
      expect(await stuck()).toEqual([]);
    });
  }
});
