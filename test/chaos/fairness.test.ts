import { expect, test } from "vitest";
import { claimJobs } from "../../src/jobs/claim.ts";
import { enqueue, findJob } from "../../src/jobs/queue.ts";
import { toFailed } from "../../src/jobs/transitions.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { testWorld } from "../support/world.ts";

onBothStores("a member with 1,000 queued jobs", (store) => {
  test.each([1, 4])(
    "delays the first job of another by no more than one job, with %i calls at a time",
    async (slots) => {
      const database = await store.open();
      const world = testWorld();
      const limits = { perMember: 10, perProvider: { service: slots } };
      const add = (member: string, count: number) =>
        database.transaction(async (trx) => {
          for (let i = 0; i < count; i++) await enqueue(trx, newJob(world, { member }));
        });
      const claim = () =>
        claimJobs(database, limits, { now: world.now(), owner: "me", leaseUntil: world.now() + 60_000, wanted: slots });
      const finish = async (id: string) => {
        const job = await findJob(database.db, id);
        if (job)
          await database.transaction((trx) => toFailed(trx, job, { failure: "{}", isUnknown: false }, world.now()));
      };
      await add("heavy", 1000);
      const running = (await claim()).map(({ id }) => id);
      expect(running).toHaveLength(slots);
      await add("light", 1);
      world.advance(1000);
      expect(await claim()).toEqual([]); // every slot is taken: the light one waits for the next job that ends
      await finish(running[0] ?? "");
      expect((await claim()).map(({ member }) => member)).toEqual(["light"]);
    },
  );
});
