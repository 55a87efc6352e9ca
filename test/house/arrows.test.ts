import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readArrows } from "./arrows.ts";

let house: string;

beforeEach(() => {
  house = mkdtempSync(path.join(tmpdir(), "atelier-house-"));
  for (const folder of ["src", "commands"]) cpSync(folder, path.join(house, folder), { recursive: true });
  for (const file of ["package.json", "tsconfig.json"]) cpSync(file, path.join(house, file));
  symlinkSync(path.resolve("node_modules"), path.join(house, "node_modules"));
});

afterEach(() => rmSync(house, { recursive: true }));

test("finds nothing wrong in the house as it stands", async () => {
  expect((await readArrows(house)).violations).toEqual([]);
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
])("finds %s", async (_what, file, planted) => {
  writeFileSync(path.join(house, file), planted);
  const { violations } = await readArrows(house);
  expect(violations.map(({ from }) => from)).toEqual([file]);
});
