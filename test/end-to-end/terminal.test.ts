import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { createDatabase } from "../support/postgres.ts";

/** The real program, asked from a terminal: beside a bot that runs, and without one. */
let folder: string;
let environment: Record<string, string>;
let bot: AtelierProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-terminal-"));
  environment = { DATA_DIR: path.join(folder, "data") };
});
afterEach(async () => {
  await bot?.kill();
  bot = undefined;
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runAtelier(args, environment);
const out = () => path.join(folder, "out");
const credits = async (): Promise<string> =>
  ((await (await fetch(`${bot?.url}/api/me`)).json()) as { credits: string }).credits;

async function expectImage(stdout: string, expected: object): Promise<void> {
  const [file = ""] = stdout.trim().split("\n");
  expect(path.dirname(file)).toBe(out());
  expect(await sharp(readFileSync(file)).metadata()).toMatchObject(expected);
}

test("everything works while the bot runs", { timeout: 90_000 }, async () => {
  bot = await startAtelier(environment);
  expect(await run("--check")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok\s+database/) });

  const wishes = ["--size", "1536x1024", "--format", "webp"];
  const made = await run("imagine", "a red bicycle", "--out", out(), ...wishes);
  expect(made).toMatchObject({ code: 0 });
  expect(made.stderr).toContain("25 credits");
  await expectImage(made.stdout, { width: 1536, height: 1024, format: "webp" });

  const [first = ""] = readdirSync(out());
  const edited = await run("imagine", "in green", "--image", path.join(out(), first), "--out", out());
  expect(edited.code).toBe(0);

  expect(await run("grant", "web:local", "500")).toMatchObject({
    code: 0,
    stdout: "web:local has 1,500 credits now.\n",
  });
  expect(await credits()).toBe("1,500 credits");
  const { stdout: usage } = await run("usage", "--days", "1");
  expect(usage).toMatch(/service\s+sandbox\s+2\s+2\s+50\s+50/);
  expect(await run("--audit")).toMatchObject({ code: 0 });

  const file = path.join(folder, "backup.tar");
  expect(await run("--backup", file)).toMatchObject({ code: 0 });
  expect(await run("--restore", file)).toMatchObject({ code: 1, stderr: expect.stringContaining("already running") });
  const there = { DATA_DIR: path.join(folder, "elsewhere") };
  const restored = await runAtelier(["--restore", file], there);
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining("every image is there") });
  expect(await runAtelier(["usage", "--days", "1"], there)).toMatchObject({ code: 0, stdout: usage });
});

test("without a bot, a command does its own work", { timeout: 60_000 }, async () => {
  const made = await run("imagine", "a red bicycle", "--out", out(), "--count", "2");
  expect(made.code).toBe(0);
  expect(made.stdout.trim().split("\n")).toHaveLength(2);
  expect(await run("--audit")).toMatchObject({ code: 0 });
});

test("on PostgreSQL, a command works beside the others and leaves their jobs to them", {
  timeout: 60_000,
}, async () => {
  const url = await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);
  environment = { ...environment, DATABASE_URL: url };
  bot = await startAtelier({ ...environment, ROLES: "web" });
  const headers = { "idempotency-key": crypto.randomUUID(), origin: bot.url };
  const body = new FormData();
  body.set("prompt", "nobody's turn");
  expect((await fetch(`${bot.url}/api/commands/imagine`, { method: "POST", body, headers })).status).toBe(200);
  const made = await run("imagine", "a red bicycle", "--out", out());
  expect(made.code).toBe(0);
  await expectImage(made.stdout, { format: "png" });
  expect(await (await fetch(`${bot.url}/metrics`)).text()).toContain('atelier_jobs{state="queued"} 1');
});

test("says no in a sentence, before anything is spent, and asks before a high price", { timeout: 60_000 }, async () => {
  const dear = await run("imagine", "a red bicycle", "--out", out(), "--size", "4K 1:1", "--count", "9");
  expect(dear).toMatchObject({ code: 2, stdout: "" });
  expect(dear.stderr).toContain("say --yes");
  writeFileSync(path.join(folder, "notes.png"), "hello");
  const file = await run("imagine", "in oil", "--image", path.join(folder, "notes.png"), "--out", out());
  expect(file).toMatchObject({ code: 2, stderr: expect.stringContaining("notes.png is not an image") });
  expect(await run("grant", "nobody", "5")).toMatchObject({ code: 2, stderr: expect.stringContaining("“nobody”") });
  expect((await run("usage")).stdout).not.toContain("terminal");
});

test("a check goes on when the database is out of reach, and says so in a sentence", async () => {
  const url = Object.assign(new URL(inject("postgresUrl")), { port: "1", password: "canary" }).href;
  environment = { ...environment, DATABASE_URL: url, PUBLIC_URL: "http://127.0.0.1:9" };
  const { code, stdout, stderr } = await run("--check");
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^failed\s+database \(postgres\): The database of DATABASE_URL cannot be used: .*ECONNREFUSED/m,
  );
  expect(stdout).toMatch(/^ok\s+sandbox$/m);
  expect(stdout + stderr).not.toContain("canary");
});
