import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Imports that go where they must not, each in a file of its own. */
const planted: Readonly<Record<string, readonly [file: string, text: string]>> = {
  "a service that looks into another": [
    "src/providers/services/tokenhub/planted.ts",
    'import "../sandbox/sandbox.ts";',
  ],
  "a platform that looks into another": ["src/platforms/web/planted.ts", 'import "../discord/discord.ts";'],
  "a platform that looks behind the contract": ["src/platforms/slack/planted.ts", 'import "../../usecases/cancel.ts";'],
  "a lower room that looks at the use cases": ["src/credits/planted.ts", 'import "../usecases/cancel.ts";'],
  "a worker that looks into the use cases": ["src/worker/planted.ts", 'import "../usecases/cancel.ts";'],
  "a use case that looks into the worker": ["src/usecases/planted.ts", 'import "../worker/run.ts";'],
  "a command that moves money itself": ["commands/planted.ts", 'import "../src/credits/ledger.ts";'],
  "a sentence that knows more than the contract": ["src/text/planted.ts", 'import "../jobs/job.ts";'],
  "a room that looks at how the program is put together": ["src/server/planted.ts", 'import "../app/serve.ts";'],
  "a word that needs a room": ["src/world.ts", '\nimport "./store/clock.ts";'],
  "a type taken the wrong way": [
    "src/jobs/planted-type.ts",
    'import type { JobView } from "../contract/usecases.ts";\nexport type X = JobView;',
  ],
  "discord.js outside its platform": ["src/usecases/planted-discord.ts", 'import "discord.js";'],
  "undici outside its doors": ["src/providers/planted.ts", 'import "undici";'],
  "SQLite outside the store": ["src/jobs/planted-sqlite.ts", 'import "node:sqlite";'],
  "a file that is not there": ["src/jobs/planted-nowhere.ts", 'import "./nowhere.ts";'],
  "a circle of two files": ["src/store/planted.ts", 'import "./planted/circle.ts";'],
};
const circle = ["src/store/planted/circle.ts", 'import "../planted.ts";'] as const;

let sound: string;
let house: string;

beforeAll(() => {
  sound = copyOfHouse();
  house = copyOfHouse();
  for (const [file, text] of [...Object.values(planted), circle]) {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    appendFileSync(path.join(house, file), text);
  }
});

afterAll(() => {
  for (const folder of [sound, house]) rmSync(folder, { recursive: true });
});

function copyOfHouse(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-house-"));
  for (const room of ["src", "commands"]) cpSync(room, path.join(folder, room), { recursive: true });
  for (const file of ["package.json", "tsconfig.json"]) cpSync(file, path.join(folder, file));
  symlinkSync(path.resolve("node_modules"), path.join(folder, "node_modules"));
  return folder;
}

const script = path.resolve("test/house/check-arrows.ts");
/** As `npm run check:arrows` runs it. */
const check = (folder: string) => spawnSync(process.execPath, [script], { cwd: folder, encoding: "utf8" });

test("finds nothing wrong in the house as it stands", () => {
  expect(check(sound)).toMatchObject({ status: 0, stderr: "" });
});

test("finds every arrow that goes where it must not, and no other", () => {
  const { status, stderr } = check(house);
  expect(status).toBe(1);
  const found = new Set(
    stderr
      .trim()
      .split("\n")
      .map((line) => line.split(" -> ")[0] ?? ""),
  );
  const missed = Object.entries(planted).filter(([, [file]]) => !found.has(file));
  expect(missed.map(([what]) => what)).toEqual([]);
  const files: readonly string[] = [...Object.values(planted), circle].map(([file]) => file);
  // Whatever imports src/world.ts is in the circle that was planted there.
  expect([...found].filter((file) => !files.includes(file) && file !== "src/store/clock.ts")).toEqual([]);
});
