import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type AtelierProcess, runAtelier, startAtelier } from "../support/atelier.ts";
import { startFakeDiscord } from "../support/discord/discord.ts";
import { createDatabase } from "../support/postgres.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";

/** How the real program ends, and what it does where the world around it is broken. */
let folder: string;
let service: FakeTokenHub;
let environment: Record<string, string>;
let bot: AtelierProcess | undefined;

/** A secret that would be noticed wherever it got to; characters that JSON and URLs write otherwise among them. */
const canary = 'canary-"key"/+\\7';

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-life-"));
  mkdirSync(path.join(folder, "data"));
  service = await startFakeTokenHub({ apiKey: "canary-tokenhub-key" });
  environment = {
    DATA_DIR: path.join(folder, "data"),
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: service.baseUrl,
  };
});
afterEach(async () => {
  await bot?.kill();
  bot = undefined;
  await service.close();
  rmSync(folder, { recursive: true });
});

/** Runs this in the bot's process before its own program. */
const before = (program: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
});
const crash = before(
  `process.on("SIGUSR2", () => void Promise.reject(new Error("on purpose, with canary-tokenhub-key")));`,
);

async function imagine(prompt: string) {
  const body = new FormData();
  body.set("prompt", prompt);
  const headers = { "idempotency-key": crypto.randomUUID(), origin: bot?.url ?? "" };
  return fetch(`${bot?.url}/api/commands/imagine`, { method: "POST", body, headers });
}

const exited = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test("keeps what node compiled beside the data, for the next start", async () => {
  bot = await startAtelier(environment);
  await bot.stop();
  expect(readdirSync(path.join(folder, "data", "compiled"), { recursive: true }).length).toBeGreaterThan(100);
  bot = await startAtelier(environment);
  expect((await fetch(`${bot.url}/readyz`)).status).toBe(200);
});

test("at SIGTERM it waits for its work only so long, and the next start settles what was sent", {
  timeout: 60_000,
}, async () => {
  bot = await startAtelier({ ...environment, STOP_TIMEOUT_MS: "1500" });
  service.answerNext({ kind: "hang" });
  await imagine("sent");
  await service.arrived(1);
  await imagine("waiting");
  expect(await bot.stop()).toBe(0);
  bot = await startAtelier(environment);
  await bot.line(({ msg }) => String(msg).startsWith("recovered: outcome unknown"));
  await service.arrived(2);
  expect(service.requests.map(({ fields }) => fields.prompt)).toEqual(["sent", "waiting"]);
  await bot.line(({ state }) => state === "delivered");
  expect(await runAtelier(["--audit"], environment)).toMatchObject({ code: 0 });
});

test("at SIGTERM it takes nothing new on, and posts what was being drawn", { timeout: 60_000 }, async () => {
  bot = await startAtelier(environment);
  service.answerNext({ kind: "hang" });
  await imagine("being drawn");
  await service.arrived(1);
  await imagine("waiting");
  const ended = bot.stop();
  await bot.line(({ msg }) => msg.startsWith("stopping"));
  service.release();
  expect(await ended).toBe(0);
  expect(bot.lines.filter(({ state }) => state === "delivered")).toHaveLength(1);
  expect(service.requests).toHaveLength(1);
});

test("a second signal ends it at once", { timeout: 60_000 }, async () => {
  bot = await startAtelier(environment);
  service.answerNext({ kind: "hang" });
  await imagine("sent");
  await service.arrived(1);
  const ended = bot.stop();
  await bot.line(({ msg }) => msg.startsWith("stopping"));
  while (!exited(bot.pid)) {
    process.kill(bot.pid, "SIGTERM"); // the first ones still count as that of the beginning
    await new Promise(setImmediate);
  }
  expect(await ended).toBe(1);
});

test("a signal that a terminal and npm both pass on is one signal", { timeout: 60_000 }, async () => {
  bot = await startAtelier(environment);
  const ended = bot.stop();
  process.kill(bot.pid, "SIGINT");
  expect(await ended).toBe(0);
});

test("a bug that nobody caught ends the process, with one line that keeps the secrets", {
  timeout: 60_000,
}, async () => {
  bot = await startAtelier({ ...environment, ...crash });
  process.kill(bot.pid, "SIGUSR2");
  const { err } = await bot.line(({ msg }) => msg.startsWith("a bug"));
  expect(JSON.stringify(err)).toContain("on purpose");
  expect(JSON.stringify(err)).not.toContain("canary");
  while (!exited(bot.pid)) await new Promise(setImmediate);
});

test("writes nowhere but to its folder, without a home and a place for temporary files", {
  timeout: 60_000,
}, async () => {
  const allowed = [
    "--permission --allow-fs-read=* --allow-worker --allow-addons --allow-child-process",
    `--allow-fs-write=${environment.DATA_DIR}`,
  ];
  const nowhere = { HOME: "/nonexistent", TMPDIR: "/nonexistent", GLOBAL_DAILY_CREDITS: "100000" };
  mkdirSync(path.join(folder, "data"), { recursive: true });
  chmodSync(path.join(folder, "data"), 0o700);
  bot = await startAtelier({ ...environment, ...nowhere, NODE_OPTIONS: allowed.join(" ") });
  const out = path.join(folder, "out");
  expect(await runAtelier(["imagine", "a red bicycle", "--out", out], environment)).toMatchObject({ code: 0 });
  const image = path.join(out, readdirSync(out)[0] ?? "");
  const edit = ["imagine", "in green", "--image", image, "--size", "2048x2048", "--out", out];
  expect(await runAtelier(edit, environment)).toMatchObject({ code: 0 });
  expect(await bot.stop()).toBe(0);
  expect(bot.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
});

test("a process whose clock is an hour ahead takes nothing over from one that works", { timeout: 60_000 }, async () => {
  const DATABASE_URL = await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`);
  bot = await startAtelier({ ...environment, DATABASE_URL });
  service.answerNext({ kind: "hang" });
  await imagine("sent");
  await service.arrived(1);
  const ahead = before("const now = Date.now; Date.now = () => now() + 3_600_000;");
  const other = await startAtelier({ ...environment, ...ahead, DATABASE_URL });
  service.release();
  await bot.line(({ state }) => state === "delivered");
  expect(await other.stop()).toBe(0);
  expect(other.lines.filter(({ msg }) => msg.startsWith("recovered"))).toEqual([]);
});

test("Ctrl-C takes a job that waits out of the queue, free of charge", { timeout: 60_000 }, async () => {
  bot = await startAtelier(environment);
  service.answerNext({ kind: "hang" });
  const busy = spawn(process.execPath, ["src/main.js", "imagine", "sent", "--out", folder], { env: environment });
  await service.arrived(1);
  const waiting = spawn(process.execPath, ["src/main.js", "imagine", "waits", "--out", folder], { env: environment });
  for await (const line of createInterface(waiting.stderr)) if (line.startsWith("waiting")) waiting.kill("SIGINT");
  expect(waiting.exitCode ?? (await once(waiting, "exit"))[0]).toBe(130);
  service.release();
  expect(busy.exitCode ?? (await once(busy, "exit"))[0]).toBe(0);
  expect(service.requests).toHaveLength(1);
});

const broken = {
  "full disk": "fs.statfs = async () => ({ bavail: 1, bsize: 4096 });",
  "disk that is mounted for reading only":
    "fs.access = async () => { throw Object.assign(new Error('EROFS'), { code: 'EROFS' }); };",
};
test.each(Object.entries(broken))(
  "a %s is no reason to take money: nothing is sent, and readiness tells",
  { timeout: 60_000 },
  async (_, breakIt) => {
    const imports = `import fs from "node:fs/promises"; import { syncBuiltinESMExports as sync } from "node:module";`;
    bot = await startAtelier({ ...environment, ...before(`${imports} ${breakIt} sync();`) });
    const refused = await imagine("a red bicycle");
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("no room for new images");
    const ready = await fetch(`${bot.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { database: true, disk: false } });
    expect(service.requests).toEqual([]);
  },
);

test("says in one sentence where it cannot work", { timeout: 60_000 }, async () => {
  const { code, stderr } = await runAtelier([], { ...environment, DATA_DIR: "/dev/null/data", PORT: "0" });
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("/dev/null/data");
});

test("no secret gets out of the process: not into lines, pages, metrics, the database or a backup", {
  timeout: 90_000,
}, async () => {
  const discord = await startFakeDiscord();
  const secrets = { DASHBOARD_PASSWORD: canary, DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url };
  bot = await startAtelier({ ...environment, ...secrets, PLAYGROUND: "on", LOG_LEVEL: "trace", ...crash });
  service.answerNext({ kind: "error", body: { error: { message: `your key ${service.apiKey} is bad` } } });
  const out = path.join(folder, "out");
  const failed = await runAtelier(["imagine", "fails", "--out", out], environment);
  expect(failed.code).toBe(1);
  const reference = /Reference: (\w+)/.exec(failed.stderr)?.[1];
  expect(bot.lines.filter(({ job }) => job === reference).length).toBeGreaterThan(1);
  const made = await runAtelier(["imagine", "works", "--out", out], environment);
  const pages = await Promise.all(
    ["/", "/metrics", "/readyz", "/dashboard", "/nothing"].map(async (page) =>
      (await fetch(`${bot?.url}${page}`)).text(),
    ),
  );
  const file = path.join(folder, "backup.tar");
  const saved = await runAtelier(["--backup", file], environment);
  const checked = await runAtelier(["--check"], { ...environment, ...secrets });
  process.kill(bot.pid, "SIGUSR2");
  await bot.line(({ msg }) => msg.startsWith("a bug"));
  while (!exited(bot.pid)) await new Promise(setImmediate);
  const data = readdirSync(environment.DATA_DIR ?? "", { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = data.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1"));
  const said = [failed, made, saved, checked].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  const everything = [JSON.stringify(bot.lines), ...said, ...pages, ...files, readFileSync(file, "latin1")];
  expect(everything.join("\n").length).toBeGreaterThan(100_000);
  for (const text of everything) {
    expect(/.{0,80}canary.{0,40}/s.exec(text)?.[0]).toBeUndefined();
    expect(text).not.toContain(discord.token);
  }
  await discord.stop();
});
