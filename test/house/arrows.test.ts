import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let house: string;

beforeEach(() => {
  house = mkdtempSync(path.join(tmpdir(), "atelier-house-"));
  for (const folder of ["src", "commands"]) cpSync(folder, path.join(house, folder), { recursive: true });
  for (const file of ["package.json", "tsconfig.json"]) cpSync(file, path.join(house, file));
  symlinkSync(path.resolve("node_modules"), path.join(house, "node_modules"));
});

afterEach(() => rmSync(house, { recursive: true }));

const script = path.resolve("test/house/check-arrows.ts");
/** As `npm run check:arrows` runs it: in a process of its own, because the cruiser remembers what it resolved. */
const check = () => spawnSync(process.execPath, [script], { cwd: house, encoding: "utf8" });

test("finds nothing wrong in the house as it stands", () => {
  expect(check()).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  ["a provider that looks into another", "src/providers/tokenhub-planted.ts", 'import "./sandbox.ts";'],
  ["a platform that looks into another", "src/platforms/web/planted.ts", 'import "../discord/discord.ts";'],
  ["a room that looks at the use cases from below", "src/credits/planted.ts", 'import "../usecases/submit.ts";'],
  ["a command that moves money itself", "commands/planted.ts", 'import "../src/credits/ledger.ts";'],
  [
    "a type taken the wrong way",
    "src/jobs/planted.ts",
    'import type { JobView } from "../usecases/usecases.ts";\nexport type X = JobView;',
  ],
  ["discord.js outside its platform", "src/usecases/planted.ts", 'import "discord.js";'],
  ["undici outside its two doors", "src/providers/planted.ts", 'import "undici";'],
  ["SQLite outside the store", "src/jobs/planted.ts", 'import "node:sqlite";'],
  ["a file that is not there", "src/jobs/planted.ts", 'import "./nowhere.ts";'],
])("finds %s", (_what, file, planted) => {
  writeFileSync(path.join(house, file), planted);
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(
    stderr
      .trim()
      .split("\n")
      .map((line) => line.split(" -> ")[0]),
  ).toEqual([file]);
});
