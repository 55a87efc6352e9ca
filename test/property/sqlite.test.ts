import fc from "fast-check";
import { afterAll, test } from "vitest";
import { sqliteArena } from "../support/chaos/arena.ts";
import { scenarios } from "../support/chaos/scenario.ts";
import { play } from "../support/chaos/steps.ts";

const arena = sqliteArena();
afterAll(() => arena.close());

test("no course of crashes, faults and repetitions breaks a rule, loses a job or leaves one open, on SQLite", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => void (await play(scenario, arena))),
    { numRuns: 150 },
  );
}, 300_000);
