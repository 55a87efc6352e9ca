import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const everyFile = "{src,commands,test,bench}/**/*.{ts,js,css,html}";
const lineCount = (file: string) => readFileSync(file, "utf8").split("\n").length - 1;

test("no file is longer than 300 lines", () => {
  const files = globSync(everyFile);
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => lineCount(file) > 300)).toEqual([]);
});

test("no function is longer than 50 lines", () => {
  const functions = functionsOver20Lines();
  expect(functions.length).toBeGreaterThan(100);
  const long = functions.filter(({ file, first, last }) => last - first + 1 > 50 && !isSuite(file, first));
  expect(long.map(({ file, first, last }) => `${file}:${first} has ${last - first + 1} lines`).join("\n")).toBe("");
});

test("only the entry, the context and the words of the domain lie loose in src", () => {
  expect(globSync("src/*.*").toSorted()).toEqual(
    ["context.ts", "errors.ts", "fail-point.ts", "image.ts", "main.js", "request.ts", "world.ts"].map(
      (file) => `src/${file}`,
    ),
  );
});

interface FunctionLines {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** Biome measures them; it counts lines with code only, so that its limit has to be far below ours. */
function functionsOver20Lines(): FunctionLines[] {
  const rule = ["--only=complexity/noExcessiveLinesPerFunction", "--config-path=test/house/size-biome.json"];
  const run = ["node_modules/@biomejs/biome/bin/biome", "lint", ...rule, "--max-diagnostics=none", "--reporter=github"];
  const { stdout } = spawnSync(process.execPath, [...run, "src", "commands", "test", "bench"], {
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  return [...stdout.matchAll(/noExcessiveLinesPerFunction,file=([^,]+),line=(\d+),endLine=(\d+)/g)].map(
    ([, file = "", first, last]) => ({ file, first: Number(first), last: Number(last) }),
  );
}

/** A suite holds tests as a file does: each of them is a function that counts. */
function isSuite(file: string, line: number): boolean {
  const before = readFileSync(file, "utf8").split("\n").slice(0, line);
  const indent = /^ */.exec(before.at(-1) ?? "")?.[0] ?? "";
  const begins = before.findLast((text) => text.startsWith(indent) && /^[a-z]/i.test(text.slice(indent.length)));
  return /^ *(describe|onBothStores)\b/.test(begins ?? "");
}
