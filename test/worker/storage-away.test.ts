import { afterEach, beforeEach, expect, test } from "vitest";
import { claimJobs } from "../../src/jobs/claim.ts";
import { generate } from "../../src/worker/generate.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

test("a job whose references cannot be read from the shared storage waits, and is made when they can", async () => {
  const runner = await house.work();
  const { id: job } = await house.end(await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller()));
  await runner.stop();
  const edit = await house.usecases.edit({ job }, { prompt: "blue" }, { ...house.caller(), inbound: "edit" });
  const lease = { owner: "here", wanted: 1, now: house.world.now(), leaseUntil: house.world.now() + 60_000 };
  const [claimed] = await claimJobs(house.database, { perMember: 1, perProvider: { service: 1 } }, lease);
  if (!claimed) throw new Error("nothing claimed");
  const away = () => Promise.reject(new Error("connect ECONNREFUSED"));
  await generate({ ...house.context, images: { ...house.context.images, has: away } }, claimed);
  expect((await house.usecases.job(edit.id, house.caller())).state).toBe("queued");
  expect(house.provider.sent).toHaveLength(1);
  house.world.advance(60_000);
  await house.work();
  expect((await house.end(edit)).state).toBe("delivered");
});
