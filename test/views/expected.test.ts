import { describe, expect, test } from "vitest";
import { type Duration, endOf, startIn, toGrid, usualMs } from "../../src/views/expected.ts";

const took = (ms: number, tier = "1K", quality = "auto"): Duration => ({ tier, quality, ms });

describe("the usual time of a call", () => {
  const wanted = { tier: "4K", quality: "high" };
  test("is the median of those of the same tier and quality, where there are any", () => {
    expect(
      usualMs([took(1, "4K", "low"), took(30, "4K", "high"), took(10, "4K", "high"), took(20, "4K", "high")], wanted),
    ).toBe(20);
  });
  test("else of those of the same tier, else of any; and nobody knows where there are none", () => {
    expect(usualMs([took(1), took(40, "4K", "low"), took(60, "4K", "low")], wanted)).toBe(50);
    expect(usualMs([took(7), took(9, "2K")], wanted)).toBe(8);
    expect(usualMs([], wanted)).toBeUndefined();
  });
  test("is that of the last twenty", () => {
    const last = Array.from({ length: 20 }, () => took(100, "4K", "high"));
    expect(usualMs([...last, ...Array.from({ length: 30 }, () => took(5, "4K", "high"))], wanted)).toBe(100);
  });
  test("of an unknown tier is that of other unknown tiers", () => {
    expect(usualMs([took(9), { tier: undefined, quality: "auto", ms: 5 }], { tier: undefined, quality: "auto" })).toBe(
      5,
    );
  });
});

describe("a running job", () => {
  test("ends after the usual time, and otherwise half of that later, again and again", () => {
    expect(endOf(1000, 100, 1050)).toBe(1100);
    expect(endOf(1000, 100, 1100)).toBe(1150);
    expect(endOf(1000, 100, 1149)).toBe(1150);
    expect(endOf(1000, 100, 1150)).toBe(1200);
    expect(endOf(1000, 0, 1150)).toBe(1150);
  });
});

describe("a waiting job starts", () => {
  const start = (count: number, startedAt: number[], ahead: number) => startIn({ count, startedAt, ahead }, 100, 1000);
  test("at once where a place is free", () => {
    expect(start(2, [], 0)).toBe(1000);
    expect(start(2, [990], 0)).toBe(1000);
  });
  test("when the first place becomes free, or the next ones, by how many are ahead", () => {
    expect(start(2, [950, 990], 0)).toBe(1050);
    expect(start(2, [990, 950], 1)).toBe(1090);
    expect(start(2, [950, 990], 2)).toBe(1150);
    expect(start(1, [950], 10)).toBe(2050);
  });
  test("even where there are more running than places, or no places", () => {
    expect(start(1, [950, 990], 0)).toBe(1090);
    expect(start(0, [], 3)).toBe(1300);
  });
});

test("a guess stands on a grid of a quarter of the usual time, from a second to a quarter of a minute", () => {
  expect(toGrid(100_001, 400)).toBe(101_000);
  expect(toGrid(100_001, 20_000)).toBe(105_000);
  expect(toGrid(100_001, 900_000)).toBe(105_000);
});
