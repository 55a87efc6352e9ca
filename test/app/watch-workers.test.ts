import { expect, test } from "vitest";
import { watchWorkers } from "../../src/app/watch-workers.ts";
import { sayPresent } from "../../src/store/presence.ts";
import { openRoom } from "../support/test-bot.ts";

test("a process that does not draw tells the operator once while no process does, and when one is back", async () => {
  const { database, world, close } = await openRoom();
  const stopping = new AbortController();
  const lines: string[] = [];
  const say = (_facts: object, line: string) => void lines.push(line);
  const looks = [false, false, true, true, false];
  const sleep = async () => {
    const present = looks.shift();
    if (present === undefined) stopping.abort();
    else if (present) await sayPresent(database.db, world.now());
    else world.advance(60_001);
  };
  const deps = { database, world: { ...world, now: () => world.now(), sleep }, log: { warn: say, info: say } };
  await watchWorkers(deps as never, stopping.signal);
  expect(lines.map((line) => line.split(":")[0])).toEqual(["no worker", "a worker is there", "no worker"]);
  await close();
});
