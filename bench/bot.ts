import { setTimeout as delay } from "node:timers/promises";
import { type Contender, startAtelier, startUsual } from "./bot/contender.ts";
import { fitting } from "./bot/fitting.ts";
import { cpuMs, forgetPeak, peakMegabytes, residentMegabytes } from "./bot/processes.ts";
import { type Child, startChild } from "./children.ts";
import type { Asking, Posted } from "./doubles/discord.ts";
import type { ImageSize, Prepared } from "./doubles/image-service.ts";
import { print, share } from "./report.ts";

interface Cell {
  readonly size: ImageSize;
  readonly count: number;
  /** Jobs in a row of one round, so that a processor's ticks of 10 ms are fine enough. */
  readonly jobs: number;
}

const cells: readonly Cell[] = [
  { size: "1K", count: 1, jobs: 20 },
  { size: "1K", count: 10, jobs: 5 },
  { size: "4K", count: 1, jobs: 5 },
  { size: "4K", count: 4, jobs: 2 },
  { size: "4K", count: 10, jobs: 1 },
];
/** For a closer look: `BENCH_CELLS="10 x 4K" BENCH_ROUNDS=3 npm run bench -- bot`. */
const { BENCH_CELLS: chosen = "", BENCH_ROUNDS: rounds = "5" } = process.env;
const startedRestMs = 3000;
/** Work that a job leaves to be done once its images are posted is counted too. */
const restMs = 200;
const helpEveryMs = 15;
/** Nothing is made smaller, as in the usual bot. */
const anySize = 500_000_000;

const starts = { usual: startUsual, Atelier: startAtelier };
type Name = keyof typeof starts;
const names: readonly Name[] = ["usual", "Atelier"];

/** One bot of one cell, and what it took in each round. */
interface UnderTest {
  readonly discord: Child;
  readonly bot: Contender;
  readonly idle: number;
  readonly wall: number[];
  readonly cpu: number[];
  readonly stall: number[];
  readonly acks: number[];
}

/**
 * The whole bot beside the usual one, which is made of OpenAI's client and discord.js: real processes, started as their
 * operators start them, between the same doubles of Discord and the service, which are processes too; by turns. Ends with
 * exit code 1 when what arrived is not what the service sent.
 */
export async function run(): Promise<void> {
  const rows = [];
  const wanted = cells.filter(({ count, size }) => `${count} x ${size}`.includes(chosen));
  for (const cell of wanted) rows.push(...(await inCell(cell)));
  print(rows);
  process.stdout.write("\n");
  if (chosen === "") print([await fitting(1), await fitting(4)]);
}

async function inCell(cell: Cell) {
  const service = await startChild("doubles/image-service.ts", {});
  const { bytes, hashes } = (await service.ask({ ask: "prepare", size: cell.size, count: cell.count })) as Prepared;
  const asking: Asking = { ask: "images", count: cell.count, bytes, uploadBytes: anySize };
  const tested = new Map<Name, UnderTest>();
  for (const name of names) tested.set(name, await begin(name, String(service.hello)));
  for (const [name, under] of tested) {
    const look = (await under.discord.ask({ ...asking, look: true })) as Posted;
    if (look.hashes.join() === hashes.join()) continue;
    process.stdout.write(`MISSED: ${name}: what arrived at Discord is not what the service sent\n`);
    process.exitCode = 1;
  }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const under of tested.values()) await inTurn(under, cell.jobs, asking);
  }
  const rows = names.map((name) => rowOf(cell, name, tested));
  for (const { bot, discord } of tested.values()) {
    await bot.stop();
    await discord.stop();
  }
  await service.stop();
  return rows;
}

async function begin(name: Name, service: string): Promise<UnderTest> {
  const discord = await startChild("doubles/discord.ts", {});
  const bot = await starts[name]({ discord: String(discord.hello), service });
  await delay(startedRestMs);
  const idle = residentMegabytes(bot.pid);
  await discord.ask({ ask: "trust", members: 1 });
  forgetPeak(bot.pid);
  return { discord, bot, idle, wall: [], cpu: [], stall: [], acks: [] };
}

/** Jobs alone first, and then one during which others ask for help. */
async function inTurn({ discord, bot, wall, cpu, stall, acks }: UnderTest, jobs: number, asking: Asking) {
  const before = cpuMs(bot.pid);
  const walls: number[] = [];
  for (let job = 0; job < jobs; job += 1) {
    const { wallMs } = (await discord.ask(asking)) as Posted;
    walls.push(wallMs);
    await delay(restMs);
  }
  wall.push(walls.reduce((sum, ms) => sum + ms, 0) / jobs);
  cpu.push((cpuMs(bot.pid) - before) / jobs);
  const stallMs = await bot.stallDuring(async () => {
    acks.push(...((await discord.ask({ ...asking, helpEveryMs })) as Posted).acks);
    await delay(restMs);
  });
  stall.push(stallMs);
}

/** The least of all rounds: whatever else the machine does is only ever added. Of stalls, what half of the rounds did not pass. */
function rowOf({ size, count }: Cell, name: Name, tested: ReadonlyMap<Name, UnderTest>) {
  const [usual, own] = [tested.get("usual"), tested.get(name)];
  if (!usual || !own) throw new Error("a bot is missing");
  const least = (values: readonly number[]) => Math.min(...values);
  const ratio = (of: "wall" | "cpu") => (name === "usual" ? "" : (least(own[of]) / least(usual[of])).toFixed(2));
  return {
    job: `${count} x ${size}`,
    bot: name,
    "wall, ms": least(own.wall).toFixed(0),
    "CPU, ms": least(own.cpu).toFixed(0),
    "wall, ratio": ratio("wall"),
    "CPU, ratio": ratio("cpu"),
    "idle, MB": own.idle.toFixed(0),
    "peak above idle, MB": (peakMegabytes(own.bot.pid) - own.idle).toFixed(0),
    "worst stall, ms (median, most)": `${share(own.stall, 0.5).toFixed(0)}, ${Math.max(...own.stall).toFixed(0)}`,
    "acknowledged, ms (p50, p99)": `${share(own.acks, 0.5).toFixed(1)}, ${share(own.acks, 0.99).toFixed(0)}`,
  };
}
