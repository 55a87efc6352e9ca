import { expect, test } from "vitest";
import { creditsFor, dollarPrice } from "../../src/providers/dollars.ts";

test.each([
  [0.04, 40],
  [0.0401, 41],
  [0.1 + 0.2, 300],
  [0.001, 1],
  [0.000001, 1],
])("US$ %d is %d credits, rounded up, without an error of floating point", (dollars, credits) => {
  expect(creditsFor(dollars)).toBe(credits);
});

test("a price is a positive amount of dollars with at most six decimals", () => {
  const { accepts, must, fallback } = dollarPrice("one image", "0.04");
  expect(["0.04", "5", "9999.999999"].filter(accepts)).toHaveLength(3);
  expect(["", "0", "0.000", "-1", "1e3", "0.0000001", "1,5", "10000"].filter(accepts)).toEqual([]);
  expect([must, fallback]).toEqual(["must be the price of one image in US dollars, such as 0.04", undefined]);
});
