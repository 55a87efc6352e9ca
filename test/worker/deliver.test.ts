import { afterEach, beforeEach, expect, test } from "vitest";
import { DeliveryDelayed } from "../../src/contract/delivery.ts";
import { writeSetting } from "../../src/store/settings.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openRoom();
  await house.work();
});
afterEach(() => house.close());

const run = async () => house.end(await house.usecases.imagine({ prompt: "x" }, house.caller()));
const posted = async () =>
  (await house.database.db.selectFrom("posted_message").selectAll().orderBy("message").execute()).map(
    ({ message }) => message,
  );

test("every message that shows images is remembered, so that a reply to any of them finds the job", async () => {
  house.answers.push({ route: "channel", message: "a", messages: ["a", "b", "b"] });
  const { id } = await run();
  expect(await posted()).toEqual(["a", "b"]);
  const rows = await house.database.db.selectFrom("posted_message").select("job").execute();
  expect(rows.map(({ job }) => job)).toEqual([id, id]);
});

test("a message that another job has is left to that one", async () => {
  house.answers.push({ route: "channel", messages: ["a"] }, { route: "channel", messages: ["a", "b"] });
  const first = await run();
  expect((await run()).state).toBe("delivered");
  expect(
    await house.database.db.selectFrom("posted_message").selectAll().where("message", "=", "a").execute(),
  ).toMatchObject([{ job: first.id }]);
});

test("images are posted as spoilers where the tenant's rules say so", async () => {
  await run();
  await house.database.transaction((trx) => writeSetting(trx, "tenant:guild", { spoiler: true }, house.world.now()));
  await run();
  expect(house.posted.map(({ spoiler }) => spoiler)).toEqual([false, true]);
});

test("a first post replaces nothing, and says the same nonce at each try", async () => {
  house.answers.push(new DeliveryDelayed("later", 1000));
  const asked = await house.usecases.imagine({ prompt: "x" }, house.caller());
  while (house.posted.length < 2) {
    house.world.advance(1000);
    await new Promise(setImmediate);
  }
  await house.end(asked);
  expect(house.posted.map(({ earlier, nonce, repeated }) => [earlier, nonce, repeated])).toEqual([
    [undefined, asked.id, false],
    [undefined, asked.id, true],
  ]);
});
