import { beforeEach, expect, test } from "vitest";
import { endAttempt, writeAhead } from "../../src/jobs/attempts.ts";
import { claimJobs } from "../../src/jobs/claim.ts";
import { loadNow, measuredOf } from "../../src/jobs/durations.ts";
import type { NewJob } from "../../src/jobs/job.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import type { Database } from "../../src/store/database.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { type TestWorld, testWorld } from "../support/world.ts";

onBothStores("measured times", (store) => {
  let database: Database;
  let world: TestWorld;
  beforeEach(async () => {
    database = await store.open();
    world = testWorld();
  });

  const add = (given: Partial<NewJob>) => database.transaction((trx) => enqueue(trx, newJob(world, given)));
  const claim = () =>
    claimJobs(
      database,
      { perMember: 9, perProvider: { service: 9, other: 9 } },
      { now: world.now(), owner: "me", leaseUntil: world.now() + 60_000, wanted: 1 },
    );

  async function call(ms: number, given: Partial<NewJob>, outcome: "success" | "failed" = "success"): Promise<void> {
    await add(given);
    const [job] = await claim();
    if (!job) throw new Error("nothing claimed");
    const id = world.id();
    const prepared = { id, asked: 1, callbackHash: undefined, now: world.now() };
    world.advance(5); // preparing does not count
    await database.transaction((trx) => writeAhead(trx, job, prepared, world.now()));
    world.advance(ms);
    await database.transaction((trx) => endAttempt(trx, id, { outcome, now: world.now() }));
  }
  const request = (prompt: string, quality: "low" | "high") => ({ ...newJob(world).request, prompt, quality });

  test("are those of the successful calls to a service, the last ones first, with tier and quality", async () => {
    await call(100, { tier: "1K", request: request('{"quality":"low"}', "high") });
    await call(200, { tier: undefined, request: request("x", "low") });
    await call(300, { tier: "4K" }, "failed");
    await call(400, { provider: "other" });
    expect(await measuredOf(database.db, "service")).toEqual([
      { tier: undefined, quality: "low", ms: 200 },
      { tier: "1K", quality: "high", ms: 100 },
    ]);
  });

  test("come with what is running and waiting now", async () => {
    await add({ member: "a" });
    await claim();
    for (const provider of ["service", "service", "other"]) await add({ provider });
    expect(await loadNow(database.db)).toEqual({
      running: [{ provider: "service", member: "a", startedAt: world.now() }],
      queued: { service: 2, other: 1 },
    });
  });
});
