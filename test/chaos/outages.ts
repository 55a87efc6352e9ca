import type { Random } from "../support/chaos/random.ts";
import type { Absence, Side } from "./far-sides.ts";
import { type Death, pause, within } from "./kills.ts";
import type { Stage } from "./stage.ts";

/** One way in which the software around the bot goes away, and perhaps the bot with it. */
interface Kind {
  readonly side: Side;
  readonly how: Absence;
  /** The bot is killed meanwhile, and started while it still is away. */
  readonly dies: boolean;
}

const sides: readonly Side[] = ["discord", "service", "storage", "database"];
const absences: readonly Absence[] = ["gone", "silent", "frozen", "killed"];

function kindsOf(engine: Stage["engine"], withServer: boolean): Kind[] {
  const there = (side: Side, how: Absence) =>
    side === "database"
      ? engine === "postgres" && (withServer || how === "gone" || how === "silent")
      : how === "gone" || how === "silent";
  return sides.flatMap((side) =>
    absences
      .filter((how) => there(side, how))
      .flatMap((how) => [
        { side, how, dies: false },
        { side, how, dies: true },
      ]),
  );
}

export interface OutageOptions {
  readonly engine: Stage["engine"];
  /** The database's server can be frozen and killed. */
  readonly withServer: boolean;
  /** None lasts longer. */
  readonly longestMs: number;
}

/** Every kind once, in an order of chance, and then again. */
export function* outages(random: Random, options: OutageOptions): Generator<Death, never> {
  for (;;) {
    const left = kindsOf(options.engine, options.withServer);
    while (left.length > 0) {
      const kind = random.pick(left);
      left.splice(left.indexOf(kind), 1);
      yield outage(random, kind, left, options.longestMs);
    }
  }
}

const comesWithinMs = 1500;
const shortMs = 2500;
const longChance = 0.1;
const secondChance = 0.15;
const startUpMs = 40_000;

function outage(random: Random, kind: Kind, others: readonly Kind[], longestMs: number): Death {
  const { side, how, dies } = kind;
  const beside = others.filter((other) => other.side !== side);
  const second = beside.length > 0 && random.next() < secondChance ? random.pick(beside) : undefined;
  return {
    name: `${side} is ${how}${second ? `, ${second.side} ${second.how}` : ""}${dies ? ", and kill -9 meanwhile" : ""}`,
    environment: {},
    early: false,
    survives: !dies,
    async strike(bot, stage) {
      const lasts = 300 + random.below(random.next() < longChance ? longestMs : Math.min(shortMs, longestMs));
      await pause(random.below(comesWithinMs));
      const back = await Promise.all(
        [kind, ...(second ? [second] : [])].map((one) => stage.takeAway(one.side, one.how)),
      );
      await pause(dies ? random.below(lasts) : lasts);
      const heir = dies ? await replace(bot, stage) : undefined;
      if (heir) await pause(random.below(lasts));
      for (const bring of back) await bring();
      if (heir) await within(startUpMs, heir.ready);
    },
  };
}

async function replace(bot: Stage["bots"][number], stage: Stage): Promise<Stage["bots"][number]> {
  bot.kill();
  await bot.ended;
  return stage.start();
}
