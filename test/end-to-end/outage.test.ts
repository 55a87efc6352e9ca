import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runAtelier } from "../support/atelier.ts";
import { type PacedBot, startPacedBot } from "../support/chaos/bot.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** The real program, whose clock is quickened, and a Discord that vanishes for minutes of that clock. */
let folder: string;
let discord: FakeDiscord;
let service: FakeTokenHub;
let line: TcpProxy;
let bot: PacedBot;
let environment: Record<string, string>;
/** The bot's clock is so far before this machine's. */
let aheadMs: number;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-outage-"));
  discord = await startFakeDiscord();
  service = await startFakeTokenHub();
  line = await openTcpProxy(discord.url);
  discord.state.origin = new URL(line.through(discord.url)).origin; // its gateway, too
  aheadMs = 0;
  made = [];
  environment = {
    DATA_DIR: folder,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.url,
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: service.baseUrl,
    TOKENHUB_CONCURRENCY: "3",
  };
});
afterEach(async () => {
  bot.kill();
  await bot.ended;
  await Promise.all([line.close(), service.close(), discord.stop()]);
  rmSync(folder, { recursive: true });
});

const minute = 60_000;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}
const said = (words: string) => bot.lines.filter(({ msg }) => msg.startsWith(words)).length;
const addressOf = () => String(bot.lines.find(({ msg }) => msg === "Atelier has started")?.address);

/** For the bot, and for what Discord's own clock decides. */
async function pass(ms: number): Promise<void> {
  aheadMs += ms;
  await bot.advance(ms);
  discord.advance(ms);
}

async function checks(): Promise<Record<string, boolean>> {
  const answer = await fetch(`${addressOf()}/readyz`);
  const { ready, checks } = (await answer.json()) as { ready: boolean; checks: Record<string, boolean> };
  expect([ready, answer.status]).toEqual(Object.values(checks).includes(false) ? [false, 503] : [true, 200]);
  return checks;
}

/** Samples of the metrics that say how it stands. */
async function metrics(): Promise<string[]> {
  const page = await (await fetch(`${addressOf()}/metrics`)).text();
  return page.split("\n").filter((sample) => /^atelier_(ready|jobs)\{/.test(sample) && !/\} 0$/.test(sample));
}

/** Jobs in the order in which their images came, over all processes. */
let made: unknown[];
const comeInOrder = () => made.push(...bot.lines.filter(({ msg }) => msg === "images received").map(({ job }) => job));

const prompts = ["one", "two", "three", "four", "five"];
const images = () => discord.messages(discord.general).filter(({ attachments }) => attachments.length > 0);

/** Three are being drawn, and two wait for their turn. */
async function askForFive(): Promise<void> {
  service.answerNext(...prompts.map(() => ({ kind: "hang" as const })));
  for (const [at, prompt] of prompts.entries()) {
    discord.command(discord.user(prompt), "imagine", { prompt });
    await until(() => said("job accepted") === at + 1);
  }
  await service.arrived(3);
}

/** It is told as it is at each moment of ten minutes; nobody is served meanwhile, and nothing more is paid for. */
async function tenMinutesAway(): Promise<void> {
  let unnoticedMs = 0;
  for (; said("platform out of reach") === 0; unnoticedMs += 5000) await pass(5000);
  expect(unnoticedMs).toBeLessThanOrEqual(30_000);
  service.release();
  await until(() => said("images received") === 3);
  for (let passed = 0; passed < 10; passed += 1) {
    await pass(minute);
    expect(await checks()).toEqual({ database: true, disk: true, discord: false });
    expect(await metrics()).toEqual([
      'atelier_jobs{state="delivering"} 3',
      'atelier_jobs{state="queued"} 2',
      'atelier_ready{check="database"} 1',
      'atelier_ready{check="disk"} 1',
    ]);
    if (passed === 4) await dieAndStart();
  }
  expect([service.requests.length, images().length]).toEqual([3, 0]);
}

async function dieAndStart(): Promise<void> {
  comeInOrder();
  bot.kill();
  await bot.ended;
  bot = startPacedBot(environment, aheadMs);
  await until(() => said("Atelier has started") === 1);
}

async function allOfItComes(): Promise<void> {
  await until(async () => {
    service.release();
    await pass(5000);
    return images().length === 5;
  });
  await until(async () => (await checks()).discord === true);
  await pass(minute);
  comeInOrder();
  expect(said("platform in reach again")).toBeGreaterThan(0); // a quickened clock has little patience
  expect(await metrics()).toContain('atelier_ready{check="discord"} 1');
  expect(new Set(service.requests.map(({ fields }) => fields.prompt))).toEqual(new Set(prompts));
  expect(service.requests).toHaveLength(prompts.length);
  expect(images().map(({ attachments }) => attachments[0]?.filename.split(/[-.]/)[0])).toEqual(made);
  const shown = JSON.stringify([...discord.state.interactions.values()].map(({ reply }) => reply?.content));
  expect(shown).not.toMatch(/Drawing|Waiting|Reserved/);
}

test.each(["cut", "silence"] as const)(
  "Discord vanishes for ten minutes (%s): every image comes once, in order, and it is told as it is",
  {
    timeout: 120_000,
  },
  async (vanish) => {
    bot = startPacedBot(environment);
    await bot.ready;
    expect(await checks()).toMatchObject({ discord: true });
    await askForFive();
    await line[vanish]();
    await tenMinutesAway();
    await line.mend();
    await allOfItComes();
    bot.kill("SIGTERM");
    expect(await bot.ended).toBe("exit 0");
    expect(await runAtelier(["--audit"], environment)).toMatchObject({ code: 0 });
  },
);
