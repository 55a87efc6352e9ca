import { afterEach, beforeEach, expect, test } from "vitest";
import type { Draft, JobView } from "../../src/contract/usecases.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let made: JobView;

beforeEach(async () => {
  house = await openRoom();
  await house.work();
  const draft = { prompt: "a red bicycle", size: "2048x1152", quality: "high", count: 2 };
  made = await house.end(await house.usecases.imagine(draft, house.caller()));
});
afterEach(() => house.close());

const change: Draft = { prompt: "make it blue" };

function price(draft: Draft, of: { job: string; index?: number }) {
  return house.usecases.quote(draft, house.caller(), { references: 0, masked: false, of });
}

test("prices a change like the job that it changes, which is what it then holds", async () => {
  const of = { job: made.id, index: 1 };
  const before = await house.balance();
  const { total } = await price(change, of);
  expect(total).not.toBe((await house.usecases.quote(change, house.caller())).total);
  expect(await house.balance()).toEqual(before);
  expect((await house.usecases.edit(of, change, house.caller())).held).toBe(total);
});

test("prices what the change itself says", async () => {
  const once = (await price(change, { job: made.id })).total;
  expect((await price({ ...change, count: 3 }, { job: made.id })).total).toBe(3 * once);
});

test("refuses to price a change of what is not there", async () => {
  await expect(price(change, { job: "none" })).rejects.toMatchObject({ code: "job-unknown" });
  await expect(price(change, { job: made.id, index: 7 })).rejects.toMatchObject({ code: "job-has-no-images" });
});
