import { afterEach, beforeEach, expect, test } from "vitest";
import type { Delivered } from "../../src/contract/delivery.ts";
import type { JobView } from "../../src/contract/usecases.ts";
import type { JobState } from "../../src/store/tables.ts";
import { succeed } from "../support/services/scripted-provider.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

onBothStores("while a platform is away", (store) => {
  let house: TestBot;
  beforeEach(async () => {
    house = await openRoom({ database: await store.open() });
  });
  afterEach(() => house.close());

  const imagine = (member: string) => house.usecases.imagine({ prompt: member }, house.caller(member));

  /** Moves the clock, second by second unless told otherwise, until it is so. */
  async function until(isSo: () => boolean | Promise<boolean>, stepMs = 1000): Promise<void> {
    for (let step = 0; step < 5000; step++) {
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
      if (await isSo()) return;
      house.world.advance(stepMs);
    }
    throw new Error("it never came to be so");
  }
  async function untilAll(jobs: readonly JobView[], state: JobState, stepMs?: number): Promise<void> {
    await until(async () => {
      const rows = await house.database.db.selectFrom("job").select(["id", "state"]).execute();
      return jobs.every(({ id }) => rows.find((row) => row.id === id)?.state === state);
    }, stepMs);
  }
  /** The platform goes away during the next calls, once all of them are under way: none is begun while it is away. */
  function leaveDuring(calls: number): void {
    const allBegun = Promise.withResolvers<void>();
    for (let call = 1; call <= calls; call++) {
      house.provider.scripts.push(async function* (request, context) {
        if (call === calls) allBegun.resolve();
        await allBegun.promise;
        house.platform.isAway = true;
        yield* succeed()(request, context);
      });
    }
  }
  /** Hour by hour, so that everybody who waits for the clock gets a turn. */
  async function pass(hours: number): Promise<void> {
    for (let hour = 0; hour < hours; hour++) {
      house.world.advance(hourMs);
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    }
  }

  test("what was drawn waits for days, over a restart, and goes out once when it is back", async () => {
    const jobs = [await imagine("a"), await imagine("b"), await imagine("c"), await imagine("d")];
    leaveDuring(4);
    const first = await house.work();
    await untilAll(jobs, "delivering");
    await until(() => !first.reaches("test"));
    await pass(30);
    await first.stop();
    await house.work();
    await pass(50);
    await untilAll(jobs, "delivering");
    expect(house.posted).toEqual([]);
    house.platform.isAway = false;
    await untilAll(jobs, "delivered");
    expect(house.posted.map(({ job }) => job.memberName).sort()).toEqual(["a", "b", "c", "d"]);
    expect([house.provider.sent.length, house.platform.givenUp.length]).toEqual([4, 0]);
    expect((await house.balance("a")).held).toBe(0);
  });

  test("what waited goes out in the order in which it was made, one after the other in each tenant", async () => {
    const inTenant = (tenant: string, member: string) =>
      house.usecases.imagine({ prompt: member }, house.caller(member, { tenant }));
    const jobs = [await inTenant("there", "c"), await inTenant("here", "a"), await inTenant("here", "b")];
    leaveDuring(3);
    const runner = await house.work();
    await untilAll(jobs, "delivering");
    await until(() => !runner.reaches("test"));
    const leased = house.database.db.selectFrom("delivery").select("job").where("lease_until", "is not", null);
    await until(async () => (await leased.execute()).length === 0);
    const made = await house.database.db
      .selectFrom("delivery")
      .select("job")
      .orderBy("due_at")
      .orderBy("job")
      .execute();
    const here = made.map(({ job }) => jobs.find(({ id }) => id === job)).filter((job) => job?.memberName !== "c");

    const posting = Promise.withResolvers<Delivered>();
    house.answers.push(posting.promise, posting.promise);
    await pass(1);
    house.platform.isAway = false;
    await until(async () => (await leased.execute()).length > 0 && house.posted.length === 2);
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(house.posted.map(({ job }) => job.memberName).sort()).toEqual([here[0]?.memberName, "c"].sort());
    posting.resolve({ route: "channel" });
    await untilAll(jobs, "delivered");
    expect(house.posted[2]?.job.memberName).toBe(here[1]?.memberName);
  });

  test("no paid call is made for its jobs, by a process that starts or by one that runs", async () => {
    house.platform.isAway = true;
    const waiting = await imagine("a");
    const runner = await house.work();
    await pass(2);
    house.platform.isAway = false;
    await untilAll([waiting], "delivered");
    leaveDuring(1);
    const last = await imagine("b");
    await untilAll([last], "delivering");
    await until(() => !runner.reaches("test"));
    const next = await imagine("c");
    await pass(2);
    expect(house.provider.sent.map(({ prompt }) => prompt)).toEqual(["a", "b"]);
    house.platform.isAway = false;
    await untilAll([last, next], "delivered");
  });

  test("what was drawn is given up after some days, and the member is told where that is possible", async () => {
    const job = await imagine("a");
    leaveDuring(1);
    await house.work();
    await untilAll([job], "delivering");
    await pass(6 * 24);
    expect(house.platform.givenUp).toEqual([]);
    await untilAll([job], "undeliverable", hourMs);
    expect(house.world.now() - job.createdAt).toBeGreaterThan(7 * dayMs);
    expect(house.platform.givenUp.map((undeliverable) => [undeliverable.job.id, undeliverable.job.state])).toEqual([
      [job.id, "undeliverable"],
    ]);
  });

  test("what could not be started for days is given up without a call, and nothing is charged", async () => {
    house.platform.isAway = true;
    const job = await imagine("a");
    await house.work();
    await untilAll([job], "failed", hourMs);
    expect(house.world.now() - job.createdAt).toBeGreaterThan(7 * dayMs);
    expect(house.provider.sent).toEqual([]);
    expect((await house.balance("a")).held).toBe(0);
  });

  test("a bug in posting is tried ten times, and then told", async () => {
    house.answers.push(...Array.from({ length: 10 }, () => new Error("invalid_blocks")));
    const job = await imagine("a");
    await house.work();
    await untilAll([job], "undeliverable");
    expect(house.posted).toHaveLength(10);
    expect(house.platform.givenUp).toHaveLength(1);
  });
});
