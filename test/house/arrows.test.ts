import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
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
  [
    "a service that looks into another",
    "src/providers/services/tokenhub/planted.ts",
    'import "../sandbox/sandbox.ts";',
  ],
  ["a platform that looks into another", "src/platforms/web/planted.ts", 'import "../discord/discord.ts";'],
  ["a platform that looks behind the contract", "src/platforms/web/planted.ts", 'import "../../usecases/cancel.ts";'],
  ["a lower room that looks at the use cases", "src/credits/planted.ts", 'import "../usecases/submit.ts";'],
  ["a worker that looks into the use cases", "src/worker/planted.ts", 'import "../usecases/submit.ts";'],
  ["a use case that looks into the worker", "src/usecases/planted.ts", 'import "../worker/run.ts";'],
  ["a command that moves money itself", "commands/planted.ts", 'import "../src/credits/ledger.ts";'],
  ["a sentence that knows more than the contract", "src/text/planted.ts", 'import "../jobs/job.ts";'],
  ["a room that looks at how the program is put together", "src/server/planted.ts", 'import "../app/serve.ts";'],
  ["a word that needs a room", "src/world.ts", 'import "./store/clock.ts";'],
  [
    "a type taken the wrong way",
    "src/jobs/planted.ts",
    'import type { JobView } from "../contract/usecases.ts";\nexport type X = JobView;',
  ],
  ["discord.js outside its platform", "src/usecases/planted.ts", 'import "discord.js";'],
  ["undici outside its doors", "src/providers/planted.ts", 'import "undici";'],
  ["SQLite outside the store", "src/jobs/planted.ts", 'import "node:sqlite";'],
  ["a file that is not there", "src/jobs/planted.ts", 'import "./nowhere.ts";'],
])("finds %s", (_what, file, planted) => {
  appendFileSync(path.join(house, file), planted);
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(
    stderr
      .trim()
      .split("\n")
      .map((line) => line.split(" -> ")[0]),
  ).toEqual([file]);
});
