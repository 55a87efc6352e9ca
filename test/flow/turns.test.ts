import { expect, test } from "vitest";
import { createTurns } from "../../src/flow/turns.ts";

test("runs the work of one key in the order of asking, one at a time, also after a failure", async () => {
  const turns = createTurns();
  const first = Promise.withResolvers<void>();
  const log: string[] = [];
  const work = (name: string, until?: Promise<void>) => async () => {
    log.push(`${name} begins`);
    await until;
    log.push(`${name} ends`);
  };
  const all = Promise.allSettled([
    turns.take("a", work("one", first.promise)),
    turns.take("a", work("two")),
    turns.take("b", work("other")),
  ]);
  await turns.take("b", async () => undefined);
  expect(log).toEqual(["one begins", "other begins", "other ends"]);
  expect(turns.isTaken("a")).toBe(true);
  first.reject(new Error("broken"));
  const [one, two] = await all;
  expect([one?.status, two?.status]).toEqual(["rejected", "fulfilled"]);
  expect(turns.isTaken("a")).toBe(false);
  expect(log.slice(3)).toEqual(["two begins", "two ends"]);
});
