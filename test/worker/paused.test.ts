import { afterEach, beforeEach, expect, test } from "vitest";
import { attemptsOf } from "../../src/jobs/attempts.ts";
import { writeSetting } from "../../src/store/settings.ts";
import { heldUp, type Script, succeed } from "../support/services/scripted-provider.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

/** The kill switch. */
let house: TestBot;
beforeEach(async () => {
  house = await openRoom({ second: true });
});
afterEach(() => house.close());

const turn = () => new Promise(setImmediate);
const imagine = () => house.usecases.imagine({ prompt: "x" }, house.caller());
const pause = (on: boolean) => {
  const paused = on ? { reason: "too dear", operator: "operator-1", at: house.world.now() } : undefined;
  return house.database.transaction((trx) => writeSetting(trx, "operator", { paused }, house.world.now()));
};
async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    house.world.advance(1000);
    for (let looks = 0; looks < 5; looks++) await turn();
  }
}

test("while the bot is paused, no job is claimed; afterwards they run", async () => {
  const asked = await imagine();
  await pause(true);
  await house.work();
  await seconds(10);
  expect((await house.usecases.job(asked.id, house.caller())).state).toBe("queued");
  await pause(false);
  await seconds(2);
  expect(await house.end(asked)).toMatchObject({ state: "delivered" });
});

test("a call that is about to be sent is not, goes back to the queue, and is no service's fault", async () => {
  const released = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const hesitating: Script = async function* (request, context) {
    reached.resolve();
    await released.promise;
    yield* succeed()(request, context);
  };
  house.provider.scripts.push(hesitating);
  const asked = await imagine();
  await house.work();
  await reached.promise;
  await pause(true);
  released.resolve();
  while ((await house.usecases.job(asked.id, house.caller())).state !== "queued") await turn();
  await seconds(10);
  expect([...house.provider.sent, ...house.second.sent]).toEqual([]);
  expect(await attemptsOf(house.database.db, asked.id)).toMatchObject([{ provider: "service", outcome: "not-sent" }]);
  expect(house.context.breakers.isOpen("service")).toBe(false);
  await pause(false);
  await seconds(2);
  expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 125 });
  expect(house.second.sent).toEqual([]);
});

test("what was sent before is still received and posted", async () => {
  const slow = heldUp();
  house.provider.scripts.push(slow);
  const asked = await imagine();
  await house.work();
  await slow.sent;
  await pause(true);
  slow.release();
  expect(await house.end(asked)).toMatchObject({ state: "delivered", charged: 125 });
});
