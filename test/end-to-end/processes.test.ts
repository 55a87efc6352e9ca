import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { createDatabase } from "../support/postgres.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";

/** Several processes on one PostgreSQL: one takes commands, others run the jobs and post the results. */
let folder: string;
let discord: FakeDiscord;
let service: FakeTokenHub;
let running: AtelierProcess[];
let environment: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-processes-"));
  discord = await startFakeDiscord();
  service = await startFakeTokenHub();
  environment = {
    DATA_DIR: folder,
    DATABASE_URL: await createDatabase(inject("postgresUrl"), `test_${randomBytes(8).toString("hex")}`),
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.url,
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: service.baseUrl,
    TOKENHUB_CONCURRENCY: "3",
  };
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((bot) => bot.kill()));
  await service.close();
  await discord.stop();
  rmSync(folder, { recursive: true });
});

async function start(roles: string): Promise<AtelierProcess> {
  const bot = await startAtelier({ ...environment, ROLES: roles });
  running.push(bot);
  return bot;
}

const results = (count: number) =>
  discord.until(() => discord.messages(discord.general).length >= count, `${count} results in the channel`);

test("share the work: each job once, each result once, limits kept over all of them", async () => {
  const gateway = await start("gateway");
  const workers = [await start("worker"), await start("worker")];
  const members = Array.from({ length: 6 }, (_, i) => discord.user(`member-${i}`));
  service.answerNext(...members.map(() => ({ kind: "hang" }) as const));
  for (const member of members) discord.command(member, "imagine", { prompt: `for ${member.name}` });
  await service.arrived(3);
  // All six are accepted, three are sent: the limit of the service holds over both workers.
  while (gateway.lines.filter(({ msg }) => msg === "job accepted").length < 6) await new Promise(setImmediate);
  expect(service.requests).toHaveLength(3);
  while (service.requests.length < 6) {
    service.release();
    await new Promise(setImmediate);
  }
  service.release();
  await results(6);
  expect(new Set(service.requests.map(({ fields }) => fields.prompt)).size).toBe(6);
  expect(discord.messages(discord.general)).toHaveLength(6);
  expect(workers.flatMap(({ lines }) => lines.filter(({ msg }) => msg === "sending to the service"))).toHaveLength(6);
  expect(gateway.lines.some(({ msg }) => msg === "sending to the service")).toBe(false);
  expect(discord.violations).toEqual([]);
});

test("decide nothing about a dead worker's call before its lease has run out, and never send it again", async () => {
  await start("gateway");
  const dying = await start("worker");
  const ann = discord.user("Ann");
  service.answerNext({ kind: "hang" });
  discord.command(ann, "imagine", { prompt: "sent" });
  await service.arrived(1);
  await dying.kill();
  const heir = await start("worker");
  const ben = discord.user("Ben");
  discord.command(ben, "imagine", { prompt: "another member's" });
  await results(1); // the heir works, over all the rounds that this took
  expect(heir.lines.some(({ msg }) => String(msg).startsWith("recovered"))).toBe(false);
  expect(service.requests.map(({ fields }) => fields.prompt)).toEqual(["sent", "another member's"]);
});
