import { parseArgs } from "node:util";
import type { Random } from "../support/chaos/random.ts";
import { type PostgresBeside, startPostgresBeside } from "../support/postgres-beside.ts";
import { type Course, type Outcome, run } from "./course.ts";
import { type Death, everyFailPoint, frosts, randomDeath } from "./kills.ts";
import { noticeMutations } from "./mutations.ts";
import { outages } from "./outages.ts";

/**
 * `npm run chaos -- --rounds 200 --seed 1`: crashes of real processes and outages of the software around them in turn,
 * three of five rounds on SQLite with one process, two on PostgreSQL with up to three, both at the same time. Exit 1 when
 * anything was lost, doubled or overcharged.
 * `npm run chaos -- --mutations soak --rounds 600` instead takes safeguards out of copies of the source, and expects that
 * so many runs of soak notice; `--mutations chaos --rounds 60`, so many rounds of chaos.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    store: { type: "string", default: "both" },
    mutations: { type: "string" },
  },
});
type Engine = Course["engine"];
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Crashes of the bot (every fail point first, then chance) and outages of the software around it, in turn. */
function* deaths(engine: Engine, count: number, random: Random): Generator<Death> {
  const crashes = [...everyFailPoint(), ...frosts(engine)];
  const away = outages(random, { engine, withServer: true, longestMs: 20_000 });
  for (let i = 0, crashed = true; i < count; i++) {
    crashed = !crashed || crashes[0]?.leasesRunOut === true; // there must be something to recover
    yield crashed ? (crashes.shift() ?? randomDeath(random, engine)) : away.next().value;
  }
}

async function play(engine: Engine, server: PostgresBeside, count: number): Promise<Outcome> {
  const began = performance.now();
  const outcome = await run({
    ...{ engine, server, seed },
    processes: engine === "sqlite" ? 1 : 3,
    deaths: (random) => deaths(engine, count, random),
    progress: (round) => {
      if (round % 25 === 0) say(`${engine}: ${round} rounds in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    },
  });
  report(engine, outcome, (performance.now() - began) / 1000);
  return outcome;
}

function report(engine: string, { verdict, deaths: met, rounds: played }: Outcome, seconds: number): void {
  say(`\n${engine}: ${played} rounds in ${seconds.toFixed(0)} s, seed ${seed}`);
  for (const [name, { planned, met: times }] of [...met].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    say(`  ${name}: ${planned}${times === planned ? "" : `, reached ${times} times`}`);
  }
  for (const [name, figure] of Object.entries(verdict.figures)) say(`  ${name}: ${figure}`);
  for (const [name, found] of Object.entries(verdict.wrong))
    say(`  ${name}: ${found.length}${found.length > 0 ? `\n    ${found.slice(0, 10).join("\n    ")}` : ""}`);
}

/** Rounds with several processes take longer. */
function shareOf(engine: Engine): number {
  if (values.store !== "both") return rounds;
  const several = Math.round(rounds * 0.4);
  return engine === "postgres" ? several : rounds - several;
}

async function chaos(): Promise<boolean> {
  const server = await startPostgresBeside({ mortal: true });
  const lanes = (["sqlite", "postgres"] as const).filter(
    (engine) => values.store === "both" || values.store === engine,
  );
  const outcomes = await Promise.all(lanes.map((engine) => play(engine, server, shareOf(engine))));
  const wrong = outcomes.reduce((sum, { verdict }) => sum + Object.values(verdict.wrong).flat().length, 0);
  const played = outcomes.reduce((sum, each) => sum + each.rounds, 0);
  const bound = wrong === 0 ? ` (by the rule of three: fewer than ${(300 / played).toFixed(1)} in 100 rounds)` : "";
  say(`\n${played} rounds, ${wrong} violations${bound}`);
  await server.stop();
  return wrong === 0;
}

async function mutate(by: string): Promise<boolean> {
  if (by !== "soak" && by !== "chaos") throw new Error("--mutations is soak or chaos");
  return noticeMutations({ by, runs: values.rounds, seed: values.seed, say });
}

process.once("SIGTERM", () => process.exit(1)); // takes the bots along
process.exitCode = (await (values.mutations === undefined ? chaos() : mutate(values.mutations))) ? 0 : 1;
