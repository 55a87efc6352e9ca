import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runAtelier } from "../support/atelier.ts";
import { type PacedBot, startPacedBot } from "../support/chaos/bot.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** The real program, whose clock is quickened, and a Slack that vanishes for minutes of that clock. */
let folder: string;
let fake: Awaited<ReturnType<typeof fakeSlack>>;
let service: FakeTokenHub;
let line: TcpProxy;
let bot: PacedBot;
let environment: Record<string, string>;
/** The bot's clock is so far before this machine's. */
let aheadMs: number;
/** Jobs in the order in which their images came, over all processes. */
let made: unknown[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "atelier-outage-"));
  fake = await fakeSlack();
  service = await startFakeTokenHub();
  line = await openTcpProxy(fake.origin);
  fake.slack.origin = new URL(line.through(fake.apiUrl)).origin; // its sockets and uploads, too
  [aheadMs, made] = [0, []];
  environment = {
    DATA_DIR: folder,
    SLACK_BOT_TOKEN: fake.slack.botToken,
    SLACK_APP_TOKEN: fake.slack.appToken,
    SLACK_API_URL: line.through(fake.apiUrl),
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: service.baseUrl,
    TOKENHUB_CONCURRENCY: "3",
  };
});
afterEach(async () => {
  bot.kill();
  await bot.ended;
  await Promise.all([line.close(), service.close(), fake.close()]);
  rmSync(folder, { recursive: true });
});

const minute = 60_000;
const prompts = ["one", "two", "three", "four", "five"];

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}
const said = (words: string) => bot.lines.filter(({ msg }) => msg.startsWith(words)).length;
const addressOf = () => String(bot.lines.find(({ msg }) => msg === "Atelier has started")?.address);

async function pass(ms: number): Promise<void> {
  aheadMs += ms;
  await bot.advance(ms);
}

/** Asks what the bot says of itself: each check, and the jobs that it has by state. */
async function truth() {
  const answer = await fetch(`${addressOf()}/readyz`);
  const { ready, checks } = (await answer.json()) as { ready: boolean; checks: Record<string, boolean> };
  expect([ready, answer.status]).toEqual(Object.values(checks).includes(false) ? [false, 503] : [true, 200]);
  const page = await (await fetch(`${addressOf()}/metrics`)).text();
  const samples = page.split("\n").filter((sample) => /^atelier_(ready|jobs)\{/.test(sample));
  const gauge = Object.fromEntries(
    samples.flatMap((sample) => {
      const [, check, value] = /^atelier_ready\{check="(\w+)"\} (\d)$/.exec(sample) ?? [];
      return check ? [[check, value === "1"]] : [];
    }),
  );
  expect(gauge).toEqual(checks);
  return { checks, jobs: samples.filter((sample) => sample.includes("_jobs{") && !sample.endsWith(" 0")) };
}

const comeInOrder = () => made.push(...bot.lines.filter(({ msg }) => msg === "images received").map(({ job }) => job));
const shown = () => fake.slack.messagesIn("C1");
const withImages = () => shown().filter(({ blocks }) => blocks.some(({ type }) => type === "image"));

/** The jobs in the order in which their images were shown. */
function shownInOrder(): (string | undefined)[] {
  const updates = fake.slack.callsOf("chat.update").map(({ blocks }) => String(blocks));
  const jobs = updates
    .filter((blocks) => blocks.includes("slack_file"))
    .map((blocks) => /again:([\w-]+):/.exec(blocks)?.[1]);
  return [...new Set(jobs)];
}

/** Three are being drawn, and two wait for their turn. */
async function askForFive(): Promise<void> {
  service.answerNext(...prompts.map(() => ({ kind: "hang" as const })));
  for (const [at, prompt] of prompts.entries()) {
    const who = { id: `U${at + 1}`, name: prompt };
    await member(fake.slack, fake.line, fake.slack.origin ?? "", who).slash("/imagine", prompt);
    await until(() => said("job accepted") === at + 1);
  }
  await service.arrived(3);
  await until(() => shown().length === 5);
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
    expect(await truth()).toEqual({
      checks: { database: true, disk: true, slack: false },
      jobs: ['atelier_jobs{state="delivering"} 3', 'atelier_jobs{state="queued"} 2'],
    });
    if (passed === 4) await dieAndStart();
  }
  expect([service.requests.length, withImages().length]).toEqual([3, 0]);
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
    return withImages().length === 5;
  });
  await until(async () => (await truth()).checks.slack === true);
  comeInOrder();
  expect(said("platform in reach again")).toBeGreaterThan(0); // a quickened clock has little patience
  expect(new Set(service.requests.map(({ fields }) => fields.prompt))).toEqual(new Set(prompts));
  expect(service.requests).toHaveLength(prompts.length);
  expect(shown()).toHaveLength(prompts.length);
  expect(shownInOrder()).toEqual(made);
  expect(JSON.stringify(shown().map(({ blocks }) => blocks))).not.toMatch(/Drawing|Waiting|Reserved|posting/i);
  await until(async () => (await truth()).jobs.length === 0);
}

test.each(["cut", "silence"] as const)(
  "Slack vanishes for ten minutes (%s): every image comes once, in order, and it is told as it is",
  { timeout: 120_000 },
  async (vanish) => {
    bot = startPacedBot(environment);
    await bot.ready;
    await until(async () => (await truth()).checks.slack === true);
    await askForFive();
    await line[vanish]();
    await tenMinutesAway();
    await line.mend();
    await allOfItComes();
    expect(fake.slack.violations).toEqual([]);
    bot.kill("SIGTERM");
    expect(await bot.ended).toBe("exit 0");
    expect(await runAtelier(["--audit"], environment)).toMatchObject({ code: 0 });
  },
);
