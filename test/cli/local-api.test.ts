import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLocalApi, type LocalApi } from "../../src/cli/local-api.ts";
import { askRunningBot } from "../../src/cli/local-api-client.ts";
import { type LocalApiServer, startLocalApiServer } from "../../src/cli/local-api-server.ts";
import type { JobView } from "../../src/contract/usecases.ts";
import { createRunner } from "../../src/worker/run.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let server: LocalApiServer;
let api: LocalApi;
let dataDir: string;

beforeEach(async () => {
  house = await openRoom();
  dataDir = mkdtempSync(path.join(tmpdir(), "atelier-local-"));
  server = await start(dataDir);
  api = await askRunningBot(dataDir);
});

const start = (folder: string) =>
  startLocalApiServer({ api: createLocalApi(house.usecases), dataDir: folder, world: house.world, log: house.log });

afterEach(async () => {
  await server.stop();
  await house.close();
  rmSync(dataDir, { recursive: true });
});

test("asks a bot in another process for the main job, from the price to the file", async () => {
  const draft = { prompt: "a red bicycle" };
  expect(await api.quote(draft, { references: 0, masked: false })).toMatchObject({ total: 125, available: 5000 });
  const job = await api.imagine(draft, "one");
  expect((await api.imagine(draft, "one")).id).toBe(job.id);
  const runner = createRunner(house.context, {
    perMember: 1,
    perProvider: { service: 1 },
    platforms: ["terminal"],
    deliveryWaitMs: 1000,
  });
  Object.assign(house.context, { wake: runner.wake });
  await runner.start();
  const seen: JobView[] = [];
  for await (const view of api.watch(job.id, new AbortController().signal)) seen.push(view);
  expect(seen.at(-1)).toMatchObject({ state: "delivered", charged: 125 });
  expect(statSync(await api.imagePath(job.id, 0)).size).toBe(seen.at(-1)?.images[0]?.bytes);
  await runner.stop();
  expect((await api.usage(1)).total).toMatchObject({ jobs: 1, images: 1, charged: 125 });
});

test("gives credits once, however often the same grant arrives", async () => {
  expect(await api.grant("discord:1", 500, "g")).toEqual({ available: 5500 });
  expect(await api.grant("discord:1", 500, "g")).toEqual({ available: 5500 });
});

test("carries a refusal over as what it is", async () => {
  await expect(api.imagine({ prompt: " " }, "two")).rejects.toMatchObject({ code: "prompt-empty" });
  await expect(api.grant("nobody", 5, "g")).rejects.toMatchObject({
    code: "member-unknown",
    facts: { member: "nobody" },
  });
});

test("tells a reference at a fault of the bot, under which the log has the rest", async () => {
  const { message } = await api.imagine(null as never, "broken").then(
    () => new Error("no fault"),
    (error: Error) => error,
  );
  const faults = house.log.lines.filter(({ level }) => level === "error");
  expect(faults).toHaveLength(1);
  expect(message).toContain(String(Object.entries(faults[0]?.facts ?? {}).find(([name]) => name === "reference")?.[1]));
});

test("is for the same user alone", async () => {
  expect(statSync(path.join(dataDir, "atelier.sock")).mode & 0o777).toBe(0o600);
});

test("takes the place of a socket that a dead process left", async () => {
  await server.stop();
  const left = createServer().listen(path.join(dataDir, "atelier.sock"));
  await once(left, "listening");
  server = await start(dataDir);
  expect((await api.usage(1)).total.jobs).toBe(0);
  left.close();
});

test("works in a folder whose name is too long for the address of a socket, and leaves nothing behind", async () => {
  const long = path.join(dataDir, "a-folder-with-a-long-name-".repeat(5));
  mkdirSync(long);
  const there = await start(long);
  const socket = readlinkSync(path.join(long, "atelier.sock"));
  expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
  expect((await (await askRunningBot(long)).usage(1)).total.jobs).toBe(0);
  await there.stop();
  expect([readdirSync(long), existsSync(path.dirname(socket))]).toEqual([[], false]);
});

test("says that nobody answers once the bot has stopped", async () => {
  await server.stop();
  await expect(api.usage(1)).rejects.toThrow("does not answer");
  await expect((await askRunningBot(dataDir)).usage(1)).rejects.toThrow("does not answer");
});
