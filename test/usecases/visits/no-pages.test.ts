import { afterEach, beforeEach, expect, test } from "vitest";
import { openRoom, type TestBot } from "../../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
  await house.work();
});
afterEach(() => house.close());

test("without an address for pages no result offers to paint, and no link is given", async () => {
  const job = await house.end(await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller()));
  expect(job.offersPaint).toBeUndefined();
  for (const page of [{ kind: "gallery" }, { kind: "paint", of: { job: job.id } }] as const) {
    await expect(house.usecases.visits.offer(page, house.caller())).rejects.toMatchObject({ code: "no-pages" });
  }
});
