import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLocalApi, type LocalApi } from "../../src/cli/local-api.ts";
import { askRunningBot } from "../../src/cli/local-api-client.ts";
import { readDeskAddress, writeDeskAddress } from "../../src/cli/local-api-file.ts";
import { type DeskServer, startDeskServer } from "../../src/cli/local-api-server.ts";
import type { JobView } from "../../src/contract/usecases.ts";
import { createRunner } from "../../src/worker/run.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;
let server: DeskServer;
let desk: LocalApi;
let dataDir: string;

beforeEach(async () => {
  house = await openRoom();
  dataDir = mkdtempSync(path.join(tmpdir(), "atelier-desk-"));
  server = await startDeskServer({
    desk: createLocalApi(house.usecases),
    dataDir,
    world: house.world,
    log: house.log,
  });
  desk = await askRunningBot(dataDir);
});
afterEach(async () => {
  await server.stop();
  await house.close();
  rmSync(dataDir, { recursive: true });
});

test("asks a bot in another process for the main job, from the price to the file", async () => {
  const draft = { prompt: "a red bicycle" };
  expect(await desk.quote(draft, { references: 0, masked: false })).toMatchObject({ total: 125, available: 5000 });
  const job = await desk.imagine(draft, "one");
  expect((await desk.imagine(draft, "one")).id).toBe(job.id);
  const runner = createRunner(house.context, {
    perMember: 1,
    perProvider: { service: 1 },
    platforms: ["terminal"],
    deliveryWaitMs: 1000,
  });
  Object.assign(house.context, { wake: runner.wake });
  await runner.start();
  const seen: JobView[] = [];
  for await (const view of desk.watch(job.id, new AbortController().signal)) seen.push(view);
  expect(seen.at(-1)).toMatchObject({ state: "delivered", charged: 125 });
  expect(statSync(await desk.imagePath(job.id, 0)).size).toBe(seen.at(-1)?.images[0]?.bytes);
  await runner.stop();
  expect((await desk.usage(1)).total).toMatchObject({ jobs: 1, images: 1, charged: 125 });
});

test("gives credits once, however often the same grant arrives", async () => {
  expect(await desk.grant("discord:1", 500, "g")).toEqual({ available: 5500 });
  expect(await desk.grant("discord:1", 500, "g")).toEqual({ available: 5500 });
});

test("carries a refusal over as what it is", async () => {
  await expect(desk.imagine({ prompt: " " }, "two")).rejects.toMatchObject({ code: "prompt-empty" });
  await expect(desk.grant("nobody", 5, "g")).rejects.toMatchObject({
    code: "member-unknown",
    facts: { member: "nobody" },
  });
});

test("tells a reference at a fault of the bot, under which the log has the rest", async () => {
  const { message } = await desk.imagine(null as never, "broken").then(
    () => new Error("no fault"),
    (error: Error) => error,
  );
  const faults = house.log.lines.filter(({ level }) => level === "error");
  expect(faults).toHaveLength(1);
  expect(message).toContain(String(Object.entries(faults[0]?.facts ?? {}).find(([name]) => name === "reference")?.[1]));
});

test("answers nobody without the token, which only the owner of the folder can read", async () => {
  const address = await readDeskAddress(dataDir);
  if (!address) throw new Error("no address");
  expect(statSync(path.join(dataDir, "terminal.json")).mode & 0o777).toBe(0o600);
  for (const headers of [{}, { authorization: "Bearer " }, { authorization: `Bearer ${address.token}x` }]) {
    const body = JSON.stringify({ method: "grant", args: ["discord:1", 500, "g"] });
    const { status } = await fetch(`http://127.0.0.1:${address.port}/`, { method: "POST", headers, body });
    expect(status).toBe(401);
  }
  await writeDeskAddress(dataDir, { ...address, token: "of the bot before" });
  await expect((await askRunningBot(dataDir)).usage(1)).rejects.toThrow("started anew");
});

test("says that nobody answers once the bot has stopped", async () => {
  await server.stop();
  await expect(desk.usage(1)).rejects.toThrow("does not answer");
  await expect(askRunningBot(dataDir)).rejects.toThrow(dataDir);
});
