import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeApimodels, startFakeApimodels } from "../support/services/apimodels.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";

/** The real program with two services, the dearer one preferred. */
let folder: string;
let discord: FakeDiscord;
let first: FakeTokenHub;
let second: FakeApimodels;
let bot: AtelierProcess;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-failover-"));
  discord = await startFakeDiscord();
  first = await startFakeTokenHub();
  second = await startFakeApimodels();
  bot = await startAtelier({
    DATA_DIR: folder,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.url,
    PROVIDERS: "tokenhub,apimodels",
    TOKENHUB_API_KEY: first.apiKey,
    TOKENHUB_BASE_URL: first.baseUrl,
    APIMODELS_API_KEY: second.apiKey,
    APIMODELS_BASE_URL: second.baseUrl,
  });
});
afterEach(async () => {
  await bot.kill();
  await second.close();
  await discord.stop();
  rmSync(folder, { recursive: true });
});

const imagine = () => discord.command(discord.user("Ann"), "imagine", { prompt: "a red bicycle" });

test("the first service is down before anything is sent: the second serves, one charge, at its own price", async () => {
  await first.close();
  const asked = imagine();
  const [message] = await discord.until(
    () => discord.messages(discord.general).length > 0 && discord.messages(discord.general),
    "a result in the channel",
  );
  await discord.until(() => asked.reply?.content.includes("Charged: 25 credits"), "the charge");
  expect(message?.content).toContain("apimodels.app");
  expect(second.requests).toHaveLength(1);
  expect(second.charged).toBe(25);
  expect([...discord.violations, ...second.violations]).toEqual([]);
});

test("the first service is cut in the middle of its answer: no other is asked, nothing charged, the member is told", async () => {
  first.answerNext({ kind: "mid-body" });
  const asked = imagine();
  await discord.until(() => asked.reply?.content.includes("cannot tell whether it ran"), "the news");
  expect(asked.reply?.content).toContain("not charged");
  expect(first.requests).toHaveLength(1);
  expect(second.requests).toEqual([]);
  await first.close();
});
