import { afterEach, beforeEach, expect, test } from "vitest";
import { isFinal } from "../../src/contract/usecases.ts";
import { createRunner } from "../../src/worker/run.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const hourMs = 3_600_000;
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

test("a clock that jumps ahead does not make a process take a post over from itself", async () => {
  const posting = Promise.withResolvers<void>();
  const posted = Promise.withResolvers<void>();
  let posts = 0;
  const platform = {
    async deliver() {
      posts += 1;
      posting.resolve();
      await posted.promise;
      return { route: "channel" as const, message: "m" };
    },
  };
  const room = { ...house.context, platform: () => platform };
  const runner = createRunner(room, {
    perMember: 1,
    perProvider: { service: 4 },
    platforms: ["test"],
    deliveryWaitMs: 7 * 86_400_000,
  });
  Object.assign(house.context, { wake: runner.wake });
  await runner.start();
  const job = await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller());
  runner.wake();
  while (posts === 0) {
    runner.wake();
    await turns(1);
  }
  await posting.promise;
  house.world.advance(hourMs);
  runner.wake();
  await turns(200);
  expect(posts).toBe(1);
  posted.resolve();
  expect(await house.end(job)).toMatchObject({ state: "delivered", charged: 125 });
  await runner.stop();
  expect(posts).toBe(1);
});

test("a clock that is set back does not keep a job waiting", async () => {
  const job = await house.usecases.imagine({ prompt: "a red bicycle" }, house.caller());
  house.world.advance(-hourMs);
  await house.work();
  const end = await house.end(job);
  expect(isFinal(end.state)).toBe(true);
  expect(end).toMatchObject({ state: "delivered", charged: 125 });
});
