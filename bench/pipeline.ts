import { type Child, startChild } from "./children.ts";
import type { Measured } from "./measure.ts";
import type { Arrived } from "./pipeline/servers.ts";
import { median, print, summary } from "./report.ts";
import { startFlags } from "./start-flags.ts";

const rounds = 5;
const counts = [1, 4, 10];
const ways = ["usual", "atelier", "floor"] as const;
type Way = (typeof ways)[number];

/** What one way took in one cell of the table. */
interface Taken {
  readonly idle: number;
  readonly jobs: Measured[];
}

/**
 * A job's way from the service's answer to Discord: the usual way (OpenAI's client and discord.js), Atelier's, and the
 * least that moving the bytes costs; each in a process of its own, in turns, against servers in another one. Ends with
 * exit code 1 when a target is missed that does not depend on what else the machine does: bytes and memory.
 */
export async function run(): Promise<void> {
  const misses: string[] = [];
  for (const small of [true, false]) {
    for (const count of counts) misses.push(...(await cell(small, count)));
  }
  for (const miss of misses) process.stdout.write(`MISSED: ${miss}\n`);
  if (misses.length > 0) process.exitCode = 1;
}

async function cell(small: boolean, count: number): Promise<string[]> {
  const servers = await startChild("pipeline/servers.ts", {});
  const hashes = (await servers.ask({ ask: "prepare", small, count })) as readonly string[];
  const settings = { SERVERS: String(servers.hello) };
  const children: Partial<Record<Way, Child>> = {};
  const taken: Partial<Record<Way, Taken>> = {};
  for (const way of ways) {
    const child = await startChild(`pipeline/${way}.ts`, settings, way === "atelier" ? startFlags() : []);
    children[way] = child;
    taken[way] = { idle: Number(child.hello), jobs: [] };
  }
  const damaged: string[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const checked = ways.filter((way) => round === 0 && way !== "floor");
    for (const way of ways) {
      if (checked.includes(way)) await servers.ask({ ask: "check" });
      taken[way]?.jobs.push((await children[way]?.ask(count)) as Measured);
      const arrived = (await servers.ask({ ask: "tally" })) as Arrived;
      if (checked.includes(way) && arrived.hashes.join() !== hashes.join()) damaged.push(way);
    }
  }
  for (const child of [...Object.values(children), servers]) await child.stop();
  const misses = damaged.map((way) => `${way}, ${count} images: what arrived at Discord is not what the service sent`);
  return [...misses, ...report(`${count} x ${small ? "1.8" : "24.9"} MB`, taken as Record<Way, Taken>)];
}

function report(what: string, taken: Record<Way, Taken>): string[] {
  const rows = ways.map((way) => rowOf(what, way, taken[way]));
  print(rows);
  const [usual, atelier, floor] = ways.map((way) => taken[way]) as [Taken, Taken, Taken];
  const ratio = (a: Taken, b: Taken, of: keyof Measured) => (middle(a, of) / middle(b, of)).toFixed(2);
  process.stdout.write(
    `\nAtelier / usual: CPU ${ratio(atelier, usual, "cpuMs")}, stall ${ratio(atelier, usual, "stallMs")}, ` +
      `wall ${ratio(atelier, usual, "wallMs")}; Atelier / floor: CPU ${ratio(atelier, floor, "cpuMs")}\n\n`,
  );
  const above = peakAboveIdle(atelier);
  return above > maxMegabytes ? [`${what}: ${above.toFixed(0)} MB above idle, not ${maxMegabytes}`] : [];
}

const maxMegabytes = 60;

function rowOf(what: string, way: Way, taken: Taken): Record<string, string | number> {
  const values = (of: keyof Measured) => measuredJobs(taken).map((job) => job[of]);
  return {
    images: what,
    way,
    "wall, ms": summary(values("wallMs"), 0),
    "CPU, ms": summary(values("cpuMs"), 0),
    "worst stall, ms": summary(values("stallMs"), 0),
    "idle, MB": taken.idle.toFixed(0),
    "peak above idle, MB": peakAboveIdle(taken).toFixed(0),
  };
}

/** Of all jobs, the first included: memory that a process took once is its own. */
function peakAboveIdle({ idle, jobs }: Taken): number {
  return Math.max(...jobs.map(({ peakMegabytes }) => peakMegabytes)) - idle;
}

/** The first job is left out: it compiles the program. */
function measuredJobs({ jobs }: Taken): readonly Measured[] {
  return jobs.slice(1);
}

function middle(taken: Taken, of: keyof Measured): number {
  return median(measuredJobs(taken).map((job) => job[of]));
}
