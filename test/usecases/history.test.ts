import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView } from "../../src/contract/usecases.ts";
import { searchJobs } from "../../src/jobs/history.ts";
import { enqueue } from "../../src/jobs/queue.ts";
import { newJob } from "../support/jobs.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { testWorld } from "../support/world.ts";

type JobCaller = Parameters<TestBot["usecases"]["jobsAt"]>[1];

onBothStores("searching jobs", (store) => {
  const world = testWorld();
  const prompts = [
    "A red Bicycle",
    "a blue bicycle\nat night",
    'says "50% off_now" \\o/',
    "ÜBER den Wolken",
    "一只红色的猫",
  ];

  test("finds all words in any order and case, literally, of one member only", async () => {
    const database = await store.open();
    for (const [n, prompt] of prompts.entries()) {
      const job = newJob(world, {
        inbound: `test:${n}`,
        id: `job-${n}`,
        member: n === 1 ? "member-2" : "member-1",
        createdAt: n,
      });
      const request = { ...job.request, prompt };
      await database.transaction((trx) => enqueue(trx, { ...job, request }));
    }
    const found = async (search: string, member = "member-1") => {
      const words = search.split(" ").filter(Boolean);
      return (await searchJobs(database.db, member, { limit: 50, words })).map(({ id }) => id);
    };
    expect(await found("")).toEqual(["job-4", "job-3", "job-2", "job-0"]);
    expect(await found("bicycle RED")).toEqual(["job-0"]);
    expect(await found("bicycle night", "member-2")).toEqual(["job-1"]);
    expect(await found("über wolken")).toEqual(["job-3"]);
    expect(await found("红色")).toEqual(["job-4"]);
    expect(await found("50%")).toEqual(["job-2"]);
    expect(await found("off_now")).toEqual(["job-2"]);
    expect(await found('"50%')).toEqual(["job-2"]);
    expect(await found("\\o/")).toEqual(["job-2"]);
    for (const nothing of ["5_%", "off%now", "quality", "prompt", "blue", "!"])
      expect(await found(nothing)).toEqual([]);
  });

  test("goes on behind the pages that it looks at", async () => {
    const database = await store.open();
    await database.transaction(async (trx) => {
      for (let n = 0; n < 450; n++) {
        const job = newJob(world, { inbound: `test:${n}`, id: `job-${String(n).padStart(4, "0")}`, createdAt: n });
        await enqueue(trx, { ...job, request: { ...job.request, prompt: n === 3 ? "Ü needle" : "ü hay" } });
      }
    });
    const { db } = database;
    expect((await searchJobs(db, "member-1", { limit: 5, words: ["needle"] })).map(({ id }) => id)).toEqual([
      "job-0003",
    ]);
    expect(await searchJobs(db, "member-1", { limit: 500, words: ["ü"] })).toHaveLength(450);
    const older = await searchJobs(db, "member-1", { limit: 2, words: ["ü"], before: "job-0300" });
    expect(older.map(({ id }) => id)).toEqual(["job-0299", "job-0298"]);
  });
});

describe("history", () => {
  let house: TestBot;
  let made: JobView;
  beforeEach(async () => {
    house = await openRoom();
    await house.work();
    made = await house.end(await house.usecases.imagine({ prompt: "a red bicycle", count: 2 }, house.caller()));
  });
  afterEach(() => house.close());
  const admin = (tenant = "guild") => house.caller("boss", { rights: "admin", tenant });
  const post = async (message: string, job = made.id) =>
    house.database.db.insertInto("posted_message").values({ message, job }).execute();

  test("is cut into pages of at most 50", async () => {
    const second = await house.end(await house.usecases.imagine({ prompt: "a cat" }, house.caller()));
    const list = async (query: { limit: number; before?: string; search?: string }) =>
      (await house.usecases.history(house.caller(), query)).map(({ id }) => id);
    expect(await list({ limit: 1 })).toEqual([second.id]);
    expect(await list({ limit: 1, before: second.id })).toEqual([made.id]);
    expect(await list({ limit: 0 })).toEqual([second.id]);
    expect(await list({ limit: 1e9 })).toEqual([second.id, made.id]);
    expect(await list({ limit: 5, search: "  BICYCLE " })).toEqual([made.id]);
  });

  test("jobs are found by where their results go, of their member and their place alone", async () => {
    const here = (target: string) => target === made.replyTarget;
    const found = async (...[isThere, caller = house.caller()]: [(target: string) => boolean, JobCaller?]) =>
      (await house.usecases.jobsAt(isThere, caller)).map(({ id }) => id);
    expect(await found(here)).toEqual([made.id]);
    expect(await found(() => false)).toEqual([]);
    expect(await found(here, house.caller("member-2"))).toEqual([]);
    expect(await found(here, house.caller("member-1", { tenant: "elsewhere" }))).toEqual([]);
  });

  test("a message leads to its job for whoever may see that", async () => {
    await post("test:m1");
    const find = async (caller = house.caller()) => (await house.usecases.jobOfMessage("test:m1", caller))?.id;
    expect(await find()).toBe(made.id);
    expect(await find(house.caller("member-2"))).toBe(made.id);
    expect(await find(house.caller("member-2", { tenant: "elsewhere" }))).toBeUndefined();
    expect(await house.usecases.jobOfMessage("test:m2", house.caller())).toBeUndefined();
    const hidden = await house.end(await house.usecases.imagine({ prompt: "a cat", private: true }, house.caller()));
    await post("test:m3", hidden.id);
    expect((await house.usecases.jobOfMessage("test:m3", house.caller()))?.id).toBe(hidden.id);
    expect(await house.usecases.jobOfMessage("test:m3", house.caller("member-2"))).toBeUndefined();
  });

  test("a job leads to its messages for whoever may see or manage it", async () => {
    await post("test:m2");
    await post("test:m3");
    const list = (caller = house.caller()) => house.usecases.messagesOf(made.id, caller);
    for (const caller of [house.caller(), admin(), house.caller("operator-1", { tenant: "elsewhere" })]) {
      expect(await list(caller)).toEqual(expect.arrayContaining(["test:m2", "test:m3"]));
    }
    await expect(list(admin("elsewhere"))).rejects.toMatchObject({ code: "job-unknown" });
  });

  test("deleting takes prompt and images away, and leaves the money as it was", async () => {
    await post("test:m2");
    const before = await house.balance();
    const removed = await house.usecases.remove(made.id, house.caller());
    expect(removed).toMatchObject({ id: made.id, state: "delivered", charged: 250, images: [], memberName: "" });
    expect(removed.request).toMatchObject({ prompt: "", references: [], count: 2 });
    expect(await house.usecases.remove(made.id, house.caller())).toEqual(removed);
    expect(await house.balance()).toEqual(before);
    expect(await house.usecases.history(house.caller(), { limit: 10 })).toEqual([]);
    expect(await house.usecases.messagesOf(made.id, house.caller())).toEqual([]);
    expect(await house.usecases.jobOfMessage("test:m2", house.caller())).toBeUndefined();
    await expect(house.usecases.imageFile({ job: made.id, index: 0 }, house.caller())).rejects.toMatchObject({
      code: "job-has-no-images",
    });
    for (const repeat of [
      house.usecases.again(made.id, house.caller()),
      house.usecases.vary({ job: made.id }, house.caller()),
      house.usecases.upscale({ job: made.id }, house.caller()),
      house.usecases.edit({ job: made.id }, { prompt: "blue" }, house.caller()),
      house.usecases.ask({ kind: "again", of: { job: made.id } }, house.caller()),
    ]) {
      await expect(repeat).rejects.toMatchObject({ code: "job-erased" });
    }
  });

  test.each([
    ["its owner", () => house.caller(), undefined],
    ["who manages the tenant", () => admin(), undefined],
    ["an operator, from anywhere", () => house.caller("operator-1", { tenant: "elsewhere" }), undefined],
    ["nobody else there", () => house.caller("member-2"), "job-not-yours"],
    ["nobody who manages another tenant", () => admin("elsewhere"), "job-unknown"],
  ])("may be deleted by %s", async (_who, caller, code) => {
    if (code) await expect(house.usecases.remove(made.id, caller())).rejects.toMatchObject({ code });
    else expect((await house.usecases.remove(made.id, caller())).request.prompt).toBe("");
    const { request } = await house.usecases.job(made.id, house.caller());
    expect(request.prompt).toBe(code ? "a red bicycle" : "");
  });
});

describe("a job that is under way", () => {
  test("is not deleted before it is final and told", async () => {
    const house = await openRoom();
    const made = await house.usecases.imagine({ prompt: "a cat" }, house.caller());
    await expect(house.usecases.remove(made.id, house.caller())).rejects.toMatchObject({ code: "job-not-finished" });
    await house.work();
    await house.end(made);
    expect((await house.usecases.remove(made.id, house.caller())).request.prompt).toBe("");
    await house.close();
  });
});
