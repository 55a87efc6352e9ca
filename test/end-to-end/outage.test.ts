import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runAtelier } from "../support/atelier.ts";
import { type ChaosBot, startBot } from "../support/chaos/bot.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** The real program, and a Discord whose line is cut and mended. */
let folder: string;
let discord: FakeDiscord;
let service: FakeTokenHub;
let line: TcpProxy;
let bot: ChaosBot;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-outage-"));
  discord = await startFakeDiscord();
  service = await startFakeTokenHub();
  line = await openTcpProxy(discord.url);
  environment = {
    DATA_DIR: folder,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: line.through(discord.url),
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: service.baseUrl,
    TOKENHUB_CONCURRENCY: "1",
  };
});
afterEach(async () => {
  bot.kill();
  await bot.ended;
  await Promise.all([line.close(), service.close(), discord.stop()]);
  rmSync(folder, { recursive: true });
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}
const said = (words: string) => until(() => bot.lines.some(({ msg }) => msg.startsWith(words)));
const addressOf = () => String(bot.lines.find(({ msg }) => msg === "Atelier has started")?.address);

async function discordIsReady(): Promise<boolean> {
  const answer = await fetch(`${addressOf()}/readyz`);
  const { ready, checks } = (await answer.json()) as { ready: boolean; checks: { discord: boolean } };
  expect([ready, answer.status]).toEqual([checks.discord, checks.discord ? 200 : 503]);
  return checks.discord;
}

test("what was drawn waits for Discord over a kill and a start, nothing more is paid for, and all of it comes once", {
  timeout: 90_000,
}, async () => {
  bot = startBot(environment);
  await bot.ready;
  expect(await discordIsReady()).toBe(true);
  service.answerNext({ kind: "hang" });
  discord.command(discord.user("first"), "imagine", { prompt: "first" });
  await service.arrived(1);
  discord.command(discord.user("second"), "imagine", { prompt: "second" });
  await until(() => bot.lines.filter(({ msg }) => msg === "job accepted").length === 2);
  await line.cut();
  await until(async () => !(await discordIsReady())); // nobody posts anything: it is asked from time to time
  service.release();
  await said("images received");
  expect(await (await fetch(`${addressOf()}/metrics`)).text()).toContain('atelier_ready{check="discord"} 0');

  bot.kill();
  await bot.ended;
  bot = startBot(environment);
  await said("Atelier has started");
  await said("platform out of reach");
  expect(await discordIsReady()).toBe(false);
  await until(() => bot.lines.filter(({ msg }) => msg.startsWith("discord: not connected")).length >= 2);
  expect([service.requests.length, discord.messages(discord.general).length]).toEqual([1, 0]);

  await line.mend();
  await until(() => discord.messages(discord.general).length >= 2);
  await bot.ready;
  await until(discordIsReady);
  await until(() => bot.lines.filter(({ state }) => state === "delivered").length === 2);
  expect([service.requests.length, discord.messages(discord.general).length]).toEqual([2, 2]);
  bot.kill("SIGTERM");
  expect(await bot.ended).toBe("exit 0");
  expect(await runAtelier(["--audit"], environment)).toMatchObject({ code: 0 });
});
