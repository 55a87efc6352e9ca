import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("no file is longer than 300 lines", () => {
  const files = globSync("{src,commands,test,bench}/**/*.{ts,js,css,html}");
  const long = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 301);
  expect(files.length).toBeGreaterThan(100);
  expect(long).toEqual([]);
});
