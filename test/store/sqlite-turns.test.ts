import type { DatabaseConnection, Driver } from "kysely";
import { expect, test } from "vitest";
import { takingTurns } from "../../src/store/sqlite-turns.ts";

/** A driver of one connection, and the names of those who used it. */
function connection() {
  const driver = takingTurns({
    acquireConnection: async () => ({}) as DatabaseConnection,
    releaseConnection: async () => undefined,
  } as unknown as Driver);
  const used: string[] = [];
  let users = 0;
  const use = async (name: string) => {
    const taken = await driver.acquireConnection();
    users += 1;
    expect(users).toBe(1);
    await Promise.resolve();
    used.push(name);
    users -= 1;
    await driver.releaseConnection(taken);
  };
  return { use, used };
}

test("the connection is used by one at a time, in the order of asking", async () => {
  const { use, used } = connection();
  const names = Array.from({ length: 100 }, (_, at) => String(at));
  const all = names.map(use);
  await all[0];
  await use("late");
  expect(used).toEqual([...names, "late"]);
});

test("the event loop turns while many wait, and not for each of them", async () => {
  const { use, used } = connection();
  const all = Promise.all(Array.from({ length: 100 }, (_, at) => use(String(at))));
  const doneAtTurn: number[] = [];
  const turn = () => {
    doneAtTurn.push(used.length);
    if (used.length < 100) setImmediate(turn);
  };
  setImmediate(turn);
  await all;
  const between = doneAtTurn.slice(1).map((done, at) => done - (doneAtTurn[at] ?? 0));
  expect(Math.max(...between)).toBeLessThanOrEqual(34); // the last 17 follow each other at once
  expect(doneAtTurn.length).toBeGreaterThan(4);
  expect(doneAtTurn.length).toBeLessThan(20);
});
