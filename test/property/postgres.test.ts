import fc from "fast-check";
import { afterAll, beforeAll, inject, test } from "vitest";
import { type Arena, postgresArena } from "../support/chaos/arena.ts";
import { scenarios } from "../support/chaos/scenario.ts";
import { play } from "../support/chaos/steps.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await postgresArena(inject("postgresUrl"));
});
afterAll(() => arena.close());

test("no course of crashes, faults and repetitions breaks a rule, loses a job or leaves one open, on PostgreSQL", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => void (await play(scenario, arena))),
    // Here several turns are under way at once: the same seed need not go the same way, so nothing is made smaller.
    { numRuns: 40, endOnFailure: true },
  );
}, 300_000);
