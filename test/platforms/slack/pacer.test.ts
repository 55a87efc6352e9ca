import { WebAPIRateLimitedError } from "@slack/web-api";
import { expect, it } from "vitest";
import { createPacer } from "../../../src/platforms/slack/api/pacer.ts";
import { impatientWorld } from "../../support/world.ts";

const limited = (seconds: number) => new WebAPIRateLimitedError(seconds);

/** A call that Slack refuses first, for these seconds each time, and then takes. */
function refusedFor(...seconds: number[]) {
  let calls = 0;
  return {
    calls: () => calls,
    async call() {
      calls++;
      const wait = seconds.shift();
      if (wait !== undefined) throw limited(wait);
      return "done";
    },
  };
}

it("waits as long as Slack says and then makes the call again", async () => {
  const world = impatientWorld();
  const { call, calls } = refusedFor(3, 2);
  expect(await createPacer(world).run({ pace: "a" }, call, 10_000)).toBe("done");
  expect(calls()).toBe(3);
  expect(world.slept).toEqual([3000, 2000]);
});

it("gives up when that would take longer than the caller has, and asks nobody until the time has come", async () => {
  const world = impatientWorld();
  const pacer = createPacer(world);
  const first = refusedFor(30);
  await expect(pacer.run({ pace: "a" }, first.call, 5000)).rejects.toThrow(limited(30));
  expect(first.calls()).toBe(1);
  const second = refusedFor();
  await expect(pacer.run({ pace: "a" }, second.call, 5000)).rejects.toMatchObject({ retryAfter: 30 });
  expect(second.calls()).toBe(0);
  world.advance(30_000);
  expect(await pacer.run({ pace: "a" }, second.call, 5000)).toBe("done");
});

it("holds up only what Slack counts together", async () => {
  const pacer = createPacer(impatientWorld());
  await expect(pacer.run({ pace: "a" }, refusedFor(30).call, 0)).rejects.toThrow();
  expect(await pacer.run({ pace: "b" }, refusedFor().call, 0)).toBe("done");
});

it("keeps the order of what belongs together, also while it waits", async () => {
  const pacer = createPacer(impatientWorld());
  const made: number[] = [];
  const slow = refusedFor(2);
  const lane = { pace: "post:C1", order: "C1" };
  await Promise.all([
    pacer.run(lane, async () => (await slow.call()) && made.push(1), 9000),
    pacer.run(lane, async () => made.push(2), 9000),
    pacer.run(lane, async () => made.push(3), 9000),
  ]);
  expect(made).toEqual([1, 2, 3]);
});

it("goes on after a call that failed", async () => {
  const pacer = createPacer(impatientWorld());
  const lane = { pace: "a", order: "C1" };
  const failing = pacer.run(lane, () => Promise.reject(new Error("broken")), 0);
  const next = pacer.run(lane, async () => "done", 0);
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("done");
});
