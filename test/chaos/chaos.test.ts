import { expect, inject, test } from "vitest";
import { failPoints } from "../../src/fail-point.ts";
import { type Course, run } from "./course.ts";
import { everyFailPoint, randomDeath } from "./kills.ts";
import { outages } from "./outages.ts";

/** The short form of `npm run chaos`: each fail point once on each store, then a few deaths and outages by chance. */
const byChance = 2;
/** A course that hangs says so before. */
const timeoutMs = 480_000;

async function play(course: Pick<Course, "engine" | "processes">) {
  const seed = Math.floor(Date.now() / 1000);
  const { verdict, deaths } = await run({
    ...course,
    server: { url: inject("postgresUrl") },
    seed,
    hurried: true,
    *deaths(random) {
      yield* everyFailPoint();
      const away = outages(random, { engine: course.engine, withServer: false, longestMs: 1500 });
      for (let i = 0; i < byChance; i++) {
        yield randomDeath(random, course.engine);
        yield away.next().value;
      }
    },
  });
  expect(
    Object.entries(verdict.wrong).filter(([, found]) => found.length > 0),
    `seed ${seed}`,
  ).toEqual([]);
  return [...deaths.keys()].filter((name) => name.startsWith("fail point")).toSorted();
}

/** Those of steps have tests of their own. */
const ofJobs = failPoints
  .filter((point) => !point.startsWith("step-"))
  .map((point) => `fail point ${point}`)
  .toSorted();

test.concurrent(
  "kill -9 at every fail point loses, doubles and overcharges nothing on SQLite",
  async () => {
    expect(await play({ engine: "sqlite", processes: 1 })).toEqual(ofJobs);
  },
  timeoutMs,
);

test.concurrent(
  "kill -9 at every fail point loses, doubles and overcharges nothing on PostgreSQL",
  async () => {
    expect(await play({ engine: "postgres", processes: 2 })).toEqual(ofJobs);
  },
  timeoutMs,
);
