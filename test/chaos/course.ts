import type { Db } from "../../src/store/connection.ts";
import { openDatabase } from "../../src/store/database.ts";
import { openForReading } from "../../src/store/read-only.ts";
import type { ChaosBot } from "../support/chaos/bot.ts";
import { isOver, readRows } from "../support/chaos/findings.ts";
import { type Random, randomFrom } from "../support/chaos/random.ts";
import { type Death, pause, within } from "./kills.ts";
import { createMembers, type Members } from "./members.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";
import { compare, lostFiles, unsentFiles, type Verdict } from "./truth.ts";

export interface Course {
  readonly engine: Stage["engine"];
  readonly server: StageOptions["server"];
  readonly seed: number;
  /** Processes at the same time, at most. */
  readonly processes: number;
  /** How a process dies, round by round. */
  readonly deaths: (random: Random) => Iterable<Death>;
  /** Leases of processes that are dead run out at once: for tests that have no minute to wait. */
  readonly hurried?: boolean;
  /** Told after each round. */
  readonly progress?: (round: number) => void;
}

export interface Outcome {
  readonly verdict: Verdict;
  /** Deaths by their names: how often, and how often as planned. */
  readonly deaths: ReadonlyMap<string, { planned: number; met: number }>;
  readonly rounds: number;
}

/** Plays rounds of crashes on one database, lets it come to rest, and compares what everybody saw. */
export async function run(course: Course): Promise<Outcome> {
  const random = randomFrom(course.seed);
  const stage = await openStage({ ...course, random, outages: true });
  const members = createMembers(stage, random);
  const deaths = new Map<string, { planned: number; met: number }>();
  let rounds = 0;
  try {
    for (const death of course.deaths(random)) {
      if (death.alone) await killAll(stage);
      // Who lives stays; now and then one more joins, up to the limit.
      else if (stage.living().length < course.processes - 1 && random.next() < 0.3) stage.start();
      else if (stage.living().length >= course.processes && !death.survives) await killOne(random.pick(stage.living()));
      await round(stage, members, death, deaths);
      course.progress?.(++rounds);
    }
    const restless = await rest(stage, members, course);
    const { figures, wrong } = await judged(stage, members);
    return { verdict: { figures, wrong: { ...wrong, "not at rest": restless } }, deaths, rounds };
  } finally {
    await stage.close();
  }
}

async function round(
  stage: Stage,
  members: Members,
  death: Death,
  deaths: Map<string, { planned: number; met: number }>,
): Promise<void> {
  stage.stir();
  if (death.leasesRunOut) await hurry(stage);
  const survivor = death.survives ? stage.living()[0] : undefined;
  const bot = survivor ?? stage.start(death.environment);
  const struck = death.early ? death.strike(bot, stage) : undefined;
  await whenReady(bot);
  if (stage.living().length > 0) {
    await Promise.all([members.insist(), members.ask(), struck ?? death.strike(bot, stage)]);
  }
  await struck;
  if (!death.survives) await ended(bot);
  const counted = deaths.get(death.name) ?? { planned: 0, met: 0 };
  const met = death.met?.() ?? !(bot.killed && death.environment.ATELIER_FAILPOINT !== undefined);
  deaths.set(death.name, { planned: counted.planned + 1, met: counted.met + Number(met) });
}

async function killOne(bot: ChaosBot): Promise<void> {
  bot.kill();
  await bot.ended;
}

async function killAll({ living, bots }: Stage): Promise<void> {
  for (const bot of living()) bot.kill();
  await Promise.all(bots.map((bot) => bot.ended));
}

const graceMs = 20_000;
/** Longer than a start takes on a slow machine; a process that hangs is to be told, not waited for. */
const startUpMs = 60_000;

async function whenReady(bot: ChaosBot): Promise<void> {
  let isReady = false;
  await within(
    startUpMs,
    bot.ready.then(() => {
      isReady = true;
    }),
  );
  if (!isReady) throw new Error(`not ready after ${startUpMs} ms:\n${lastWords(bot)}`);
}

/** Tells why a process does not go on. */
function lastWords({ pid, lines, errors }: ChaosBot): string {
  return [`process ${pid}`, ...lines.slice(-15).map((line) => JSON.stringify(line)), errors.slice(-2000)].join("\n");
}

async function ended(bot: ChaosBot): Promise<void> {
  await within(graceMs, bot.ended);
  bot.kill();
  await bot.ended;
}

const restMs = 300_000;
const hurriedRestMs = 240_000;

/** No kills and no faults any more; until every job is over and told. Gives what is not so after a while. */
async function rest(stage: Stage, members: Members, course: Course): Promise<string[]> {
  stage.calm();
  if (course.hurried) await hurry(stage);
  while (stage.living().length < course.processes) stage.start();
  await Promise.all(stage.living().map(whenReady));
  const giveUpAt = Date.now() + (course.hurried ? hurriedRestMs : restMs);
  let open = await restlessness(stage, members);
  while (open.length > 0 && Date.now() < giveUpAt) {
    await pause(500);
    open = await restlessness(stage, members);
  }
  for (const bot of stage.living()) bot.kill("SIGTERM");
  await within(graceMs, Promise.all(stage.bots.map((bot) => bot.ended)));
  const last = open.length > 0 ? stage.bots.slice(-course.processes) : stage.living(); // none should live
  await killAll(stage);
  return [...open, ...last.map(lastWords)];
}

/** Lists what is not over yet, or was never confirmed to the member who asked for it. */
async function restlessness(stage: Stage, members: Members): Promise<string[]> {
  await members.insist();
  const open = await unfinished(stage);
  const unsure = members.orders.filter(({ jobs }) => jobs.size === 0);
  return [...open, ...unsure.map(({ key }) => `${key} was never confirmed`)];
}

/** With no process left, every lease is a dead one's, and every pause is over: the clock need not prove it. */
async function hurry(stage: Stage): Promise<void> {
  await killAll(stage);
  await stage.leasesRunOut();
}

async function unfinished(stage: Stage): Promise<string[]> {
  const reading = await openForReading({ url: stage.databaseUrl, dataDir: stage.folder });
  try {
    return await openJobs(reading.db, stage.folder);
  } finally {
    await reading.close();
  }
}

async function openJobs(db: Db, folder: string): Promise<string[]> {
  const jobs = await db.selectFrom("job").select(["id", "state"]).execute();
  const untold = await db.selectFrom("delivery").select("job").where("phase", "<>", "confirmed").execute();
  const received = await db.selectFrom("artifact").select("file").execute();
  return [
    ...jobs.filter((job) => !isOver(job)).map(({ id }) => id),
    ...untold.map(({ job }) => job),
    ...lostFiles(folder, received), // late results come after a while
    ...unsentFiles(folder),
  ];
}

async function judged(stage: Stage, members: Members): Promise<Verdict> {
  const database = await openDatabase({ url: stage.databaseUrl, dataDir: stage.folder });
  try {
    return await compare(stage, members, database, await readRows(database));
  } finally {
    await database.close();
  }
}
