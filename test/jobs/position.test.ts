import { expect, test } from "vitest";
import { claimJobs } from "../../src/jobs/claim.ts";
import { entryOf, Ranking, rankQueue } from "../../src/jobs/position.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import { backToQueued } from "../../src/jobs/transitions.ts";
import { dice } from "../support/dice.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

onBothStores("a newcomer to a ranking", (store) => {
  test.each([1, 2, 3, 4, 5, 6])("takes the place that it has in the queue (%i)", async (seed) => {
    const [database, world, chance] = [await store.open(), testWorld(), dice(seed)];
    const { db } = database;
    const add = async () => {
      world.advance(10);
      const job = newJob(world, { member: chance.one(["a", "b", "c", "d", "e", "f"]) });
      await database.transaction((trx) => enqueue(trx, job));
      return job.id;
    };
    for (let i = 0; i < 12; i++) await add();
    const claim = { owner: "me", wanted: 4, now: world.now(), leaseUntil: world.now() + 60_000 };
    const [tried] = await claimJobs(database, { perMember: 2, perProvider: { service: 9 } }, claim);
    if (!tried) throw new Error("nothing claimed");
    await database.transaction((trx) => backToQueued(trx, tried, world.now()));

    const ranking = await rankQueue(db);
    for (let i = 0; i < 8; i++) {
      const newcomer = await entryOf(db, await add());
      if (!newcomer) throw new Error("not in the queue");
      expect(ranking.add(newcomer)).toEqual((await rankQueue(db)).placeOf(newcomer.id));
      expect(ranking.placeOf(newcomer.id)).toBeDefined();
    }
    expect(ranking.size).toBe((await rankQueue(db)).size);
  });

  test("has no place when it is not in the queue", async () => {
    const { db } = await store.open();
    expect(await entryOf(db, "nobody")).toBeUndefined();
  });
});

test("an empty ranking takes a newcomer in", () => {
  const ranking = new Ranking([]);
  expect(ranking.add({ id: "a", slot: 3, retried: 0, served: 0 })).toEqual({ position: 1, slot: 3 });
});
