import { spawnSync } from "node:child_process";
import { failPoints } from "../../src/fail-point.ts";
import type { ChaosBot } from "../support/chaos/bot.ts";
import type { Random } from "../support/chaos/random.ts";
import type { Stage } from "./stage.ts";

/** How a process will die in a round, or what else befalls it. */
export interface Death {
  /** One line of the report. */
  readonly name: string;
  /** The process is started with these variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Begins once the process was started: kills it from outside, unless it does so itself. */
  strike(bot: ChaosBot, stage: Stage): Promise<void>;
  /** Whether it went as planned, when that is not plain from its end. */
  met?(): boolean;
  /** Comes before members ask for anything. */
  readonly early: boolean;
  /** It must live on. */
  readonly survives?: boolean;
  /** No other process lives, so that it is this one that gets there. */
  readonly alone?: boolean;
  /** The leases of the dead have run out by then; only where no process lives. */
  readonly leasesRunOut?: boolean;
}

/** A process that does not reach its fail point by then is killed all the same. */
const patienceMs = 2000;
const longPatienceMs = 10_000;
const frostMs = 800;
const startUpMs = 900;
const randomMs = 1500;

const ofRecovery: readonly string[] = ["taken-over", "recovered"];
/** Nobody builds workflows here: these have tests of their own. */
const ofJobs = failPoints.filter((point) => !point.startsWith("step-"));
const ofFailure: readonly string[] = ["before-failure", "failed"];

function atFailPoint(point: string, nth: number, ms: number): Death {
  const environment = {
    ATELIER_FAILPOINT: nth === 1 ? point : `${point}:${nth}`,
    ...(ofFailure.includes(point) ? { TOKENHUB_API_KEY: "th-revoked" } : {}),
  };
  const early = ofRecovery.includes(point);
  return { name: `fail point ${point}`, environment, early, strike: (bot) => after(ms, bot) };
}

/** Kills of all kinds that come from outside. */
function fromOutside(random: Random): Death {
  const plain = { environment: {}, early: false };
  return random.pick<Death>([
    { ...plain, name: "a random moment", strike: (bot) => after(random.below(randomMs), bot) },
    { ...plain, name: "while it starts", early: true, strike: (bot) => after(random.below(startUpMs), bot) },
    { ...plain, name: "a request has arrived", strike: onRequest },
    { ...plain, name: "a message stands", strike: onMessage },
    { ...plain, name: "SIGTERM, and then kill -9", strike: (bot) => terminate(bot, random.below(400)) },
  ]);
}

/**
 * Frozen at a point until its lease has run out and another process has begun to work on the same job; then it goes on
 * as if nothing had happened. For PostgreSQL, which alone knows several processes.
 */
function frozenAt(point: string): Death {
  let frozen = false;
  return {
    met: () => frozen,
    name: `frozen past its lease at ${point}`,
    environment: { ATELIER_FAILPOINT: `${point}:1:freeze` },
    early: false,
    alone: true,
    async strike(bot, stage) {
      await pause(frostMs);
      frozen = isFrozen(bot);
      await stage.leasesRunOut();
      const heir = stage.start();
      const request = stage.service.arrived(stage.service.requests.length + 1);
      await heir.ready;
      await within(patienceMs, request);
      bot.kill("SIGCONT");
      await pause(frostMs);
      bot.kill();
    },
  };
}

function isFrozen({ pid }: ChaosBot): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.startsWith("T");
}

const freezing = ["before-write-ahead", "write-ahead", "answer-read", "before-settle", "posting", "posted"];

/** Where two processes would do the same work, if either did not notice that it is no longer its own. */
export function frosts(engine: Stage["engine"]): Death[] {
  return engine === "postgres" ? [frozenAt("before-write-ahead"), frozenAt("answer-read")] : [];
}

export function randomDeath(random: Random, engine: Stage["engine"]): Death {
  if (engine === "postgres" && random.next() < 0.1) return frozenAt(random.pick(freezing));
  if (random.next() < 0.5) return fromOutside(random);
  return atFailPoint(random.pick(ofJobs), 1 + random.below(2), patienceMs);
}

/** Every fail point once; recovery needs something to recover, so a death in the middle of a call comes first. */
export function everyFailPoint(): Death[] {
  const alone = (point: string) => ({ ...atFailPoint(point, 1, longPatienceMs), alone: true });
  return ofJobs.flatMap((point) =>
    ofRecovery.includes(point) ? [alone("write-ahead"), { ...alone(point), leasesRunOut: true }] : [alone(point)],
  );
}

async function after(ms: number, bot: ChaosBot): Promise<void> {
  await within(ms, bot.ended);
  bot.kill();
}

async function terminate(bot: ChaosBot, ms: number): Promise<void> {
  bot.kill("SIGTERM");
  await after(ms, bot);
}

async function onRequest(bot: ChaosBot, { service }: Stage): Promise<void> {
  await within(patienceMs, Promise.race([bot.ended, service.arrived(service.requests.length + 1)]));
  bot.kill();
}

async function onMessage(bot: ChaosBot, { discord }: Stage): Promise<void> {
  const before = discord.state.messages.length;
  const stands = discord.until(() => discord.state.messages.length > before, "a message").catch(() => undefined);
  await within(patienceMs, Promise.race([bot.ended, stands]));
  bot.kill();
}

export function pause(ms: number): Promise<void> {
  return within(ms, new Promise(() => undefined));
}

/** Resolves when `event` comes, or after so many ms. */
export async function within(ms: number, event: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([event, promise]);
  clearTimeout(timer);
}
