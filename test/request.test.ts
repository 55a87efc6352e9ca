import { expect, test } from "vitest";
import { parseSize, sizeText, tierOf } from "../src/request.ts";

test.each([
  ["auto", "auto"],
  [" AUTO ", "auto"],
  ["2048x1152", { width: 2048, height: 1152 }],
  ["2048X1152", { width: 2048, height: 1152 }],
  ["2048×1152", { width: 2048, height: 1152 }],
  ["1024 x 1024", { width: 1024, height: 1024 }],
  ["1024 × 1024 px", { width: 1024, height: 1024 }],
  ["１０２４ｘ１０２４", { width: 1024, height: 1024 }],
  ["2048 * 1152", { width: 2048, height: 1152 }],
  ["16 : 9", { ratio: [16, 9], tier: "1K" }],
  ["16：9", { ratio: [16, 9], tier: "1K" }],
  ["2K, 16:9", { ratio: [16, 9], tier: "2K" }],
  ["2k (16:9)", { ratio: [16, 9], tier: "2K" }],
  ["2k", { ratio: [1, 1], tier: "2K" }],
  ["16:9", { ratio: [16, 9], tier: "1K" }],
  ["4K 9:16", { ratio: [9, 16], tier: "4K" }],
  ["9:16 4k", { ratio: [9, 16], tier: "4K" }],
])("reads %s as a size", (text, size) => {
  expect(parseSize(text)).toEqual(size);
});

test.each([
  "",
  "big",
  "8K",
  "2k 2k",
  "16:9 4:3",
  "0:1",
  "2048x",
  "x1152",
  "-1x5",
  "1e3x5",
  "2048x1152x3",
  "999999x1",
  "auto 2k",
])("does not take “%s” for a size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test("writes sizes as members write them", () => {
  for (const text of ["auto", "2048x1152", "2K 16:9"]) expect(sizeText(parseSize(text) ?? "auto")).toBe(text);
});

test("takes the tier from the longest side", () => {
  const tier = (width: number, height: number) => tierOf({ width, height });
  expect([
    tier(1536, 1024),
    tier(1024, 1536),
    tier(1537, 16),
    tier(2048, 2048),
    tier(16, 2049),
    tier(3840, 2160),
  ]).toEqual(["1K", "1K", "2K", "2K", "4K", "4K"]);
});
