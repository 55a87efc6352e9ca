import { isDeepStrictEqual } from "node:util";
import { expect, inject, type TestContext, test } from "vitest";
import type { Absence, Side } from "../chaos/far-sides.ts";
import { openStage, type Stage } from "../chaos/stage.ts";
import type { ChaosBot } from "../support/chaos/bot.ts";
import { randomFrom } from "../support/chaos/random.ts";

/** The real program, started and killed while something that it needs is away: it goes on, or ends with a sentence. */
async function open(engine: Stage["engine"], { onTestFinished }: TestContext): Promise<Stage> {
  const server = { url: inject("postgresUrl") };
  const stage = await openStage({ engine, server, random: randomFrom(1), outages: true, holding: true });
  onTestFinished(() => stage.close());
  return stage;
}

/** A process is killed in the middle of a paid call: whoever starts next has something to recover. */
async function dieInCall(stage: Stage, bot: ChaosBot): Promise<void> {
  const { discord, service } = stage;
  expect(await bot.ready).toBeDefined();
  const before = service.requests.length;
  service.answerNext({ kind: "hang" });
  discord.command(discord.user("Ann"), "imagine", { prompt: `picture ${before}`, size: "1024x1024" });
  await service.arrived(before + 1);
  await kill(bot);
  await stage.leasesRunOut();
}

async function kill(bot: ChaosBot): Promise<void> {
  bot.kill();
  expect(await bot.ended).toBe("SIGKILL"); // it had not ended by itself
}

function said(bot: ChaosBot, words: string): Promise<unknown> {
  const ended = bot.ended.then((how) => expect.fail(`it ended, ${how}, without "${words}": ${bot.errors}`));
  const line = (async () => {
    while (!bot.lines.some(({ msg }) => msg === words)) await new Promise((resolve) => setTimeout(resolve, 20));
  })();
  return Promise.race([line, ended]);
}

const readinessOf = async (bot: ChaosBot) => {
  const address = bot.lines.find(({ msg }) => msg === "Atelier has started")?.address;
  const answer = await fetch(`${address}/readyz`);
  return { status: answer.status, ...((await answer.json()) as { checks: Record<string, boolean> }).checks };
};

/** `expect.poll` knows no concurrent tests. */
async function untilReadiness(bot: ChaosBot, readiness: object): Promise<void> {
  for (let look = 0; look < 200; look++) {
    const now = await readinessOf(bot);
    if (isDeepStrictEqual({ ...now, ...readiness }, now)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await readinessOf(bot)).toMatchObject(readiness);
}

const all = { status: 200, database: true, disk: true, web: true, discord: true };

/** A process that starts without it says so. */
const withoutIt: Partial<Record<Side, { readonly says: string; readonly readiness: object }>> = {
  storage: { says: "Atelier is ready", readiness: all },
  service: { says: "Atelier is ready", readiness: all },
  discord: { says: "Atelier has started", readiness: { ...all, status: 503, discord: false } },
};

/** Killed in a call, then started while it is away, killed again, and started while it says nothing. */
async function startsWithout(stage: Stage, side: Side): Promise<ChaosBot> {
  const startWhile = async (how: Absence) => {
    const back = await stage.takeAway(side, how);
    const bot = stage.start();
    await said(bot, withoutIt[side]?.says ?? "");
    expect(await readinessOf(bot)).toEqual(withoutIt[side]?.readiness);
    if (how === "gone") await kill(bot);
    await back();
    return bot;
  };
  await startWhile("gone");
  return startWhile("silent");
}

test.concurrent("without its storage, its service or its platform it starts, says so, and goes on when that is back", {
  timeout: 120_000,
}, async (context) => {
  const stage = await open("sqlite", context);
  let bot = stage.start();
  for (const side of ["storage", "service", "discord"] as const) {
    await dieInCall(stage, bot);
    bot = await startsWithout(stage, side);
    await said(bot, "Atelier is ready");
    await untilReadiness(bot, all);
  }
  bot.kill("SIGTERM");
  expect(await bot.ended).toBe("exit 0");
  expect(stage.discord.state.violations).toEqual([]);
});

const reasons = {
  gone: "no server takes connections at its address (ECONNREFUSED)",
  silent: "its server does not answer",
};

test.concurrent.for(["gone", "silent"] as const)(
  "without its database (%s) it ends with a sentence, and starts when that is back",
  { timeout: 120_000 },
  async (how, context) => {
    const stage = await open("postgres", context);
    await dieInCall(stage, stage.start());
    const back = await stage.takeAway("database", how);
    const bot = stage.start();
    expect(await bot.ended).toBe("exit 1");
    expect(bot.errors).toBe(`The database of DATABASE_URL cannot be used: ${reasons[how]}.\n`);
    await back();
    const next = stage.start();
    await said(next, "Atelier is ready");
    const later = await stage.takeAway("database", how); // a process that works waits for it
    await untilReadiness(next, { status: 503, database: false });
    await later();
    await untilReadiness(next, all);
    next.kill("SIGTERM");
    expect(await next.ended).toBe("exit 0");
  },
);
