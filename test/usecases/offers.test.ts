import { afterEach, beforeEach, expect, test } from "vitest";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
beforeEach(async () => {
  house = await openRoom({ second: true });
});
afterEach(() => house.close());

test("prices a half-written draft at every service, in the order of preference", () => {
  Object.assign(house.second, { price: () => 7 });
  expect(house.usecases.services({ size: "2048x2048", count: 3 })).toEqual([
    { name: "service", label: "Service", masks: true, total: 750 },
    { name: "second", label: "Service", masks: true, total: 21 },
  ]);
});

test("names a service without a price when it cannot do what was typed", () => {
  expect(house.usecases.services({ size: "100x100" })[0]).toEqual({ name: "service", label: "Service", masks: true });
  expect(house.usecases.services({ count: 99 })[0]).toEqual({ name: "service", label: "Service", masks: true });
});

test("quotes at a service that can take the files that will come along", async () => {
  Object.assign(house.provider, { capabilities: { ...house.provider.capabilities, maxReferences: 0 } });
  Object.assign(house.second, { price: () => 7 });
  const quote = (files?: { references: number; masked: boolean }) =>
    house.usecases.quote({ prompt: "x" }, house.caller(), files);
  expect((await quote()).total).toBe(125);
  expect((await quote({ references: 2, masked: true })).total).toBe(7);
});
