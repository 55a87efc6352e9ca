import { expect, it } from "vitest";
import { firstTime } from "../../../src/platforms/slack/events/once.ts";
import { memoryCache } from "../../support/world.ts";

it("lets one of two through that arrive together", async () => {
  const isFirst = firstTime(memoryCache());
  expect(await Promise.all([isFirst("a"), isFirst("a"), isFirst("b")])).toEqual([true, false, true]);
});

it("lets one of two through that reach two processes", async () => {
  const cache = memoryCache();
  expect(await firstTime(cache)("a")).toBe(true);
  expect(await firstTime(cache)("a")).toBe(false);
});
