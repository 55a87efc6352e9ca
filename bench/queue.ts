import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { atelier } from "./queue/atelier.ts";
import type { Contender } from "./queue/contender.ts";
import { pgBoss } from "./queue/pg-boss.ts";
import { pgBossWithCredits } from "./queue/pg-boss-with-credits.ts";
import { print, share, summary, timed } from "./report.ts";

const rounds = 5;
const jobs = 200;
const members = 50;
const atOnce = 10;
const starts = 100;
const backlog = 10_000;

const measures = {
  oneByOne: "accepted/s, one by one",
  atOnce: `accepted/s, ${atOnce} at once`,
  finishedOneByOne: "claimed and ended/s, one by one",
  finished: "claimed and ended/s, 20 at once",
  claim: `claim and end one of ${backlog}, ms`,
} as const;
type Taken = Record<keyof typeof measures, number[]> & { start: number[] };

/** Accept, claim and end, and how soon a job starts: our queue on both stores, pg-boss, and pg-boss with credits; in turns, on one PostgreSQL. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const server = await startPostgres();
  const contenders = [
    await atelier("Atelier, SQLite", { dataDir: folder }),
    await atelier("Atelier, PostgreSQL", { url: await createDatabase(server.url, "atelier"), dataDir: folder }),
    await pgBoss(await createDatabase(server.url, "boss")),
    await pgBossWithCredits(await createDatabase(server.url, "boss_with_credits")),
  ];
  const taken = new Map<Contender, Taken>();
  for (const contender of contenders) {
    taken.set(contender, { oneByOne: [], atOnce: [], finishedOneByOne: [], finished: [], claim: [], start: [] });
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const [contender, into] of taken) await throughput(contender, round === 0 ? undefined : into);
  }
  for (const [contender, into] of taken) into.start = await startLatency(contender);
  for (const [contender, into] of taken) into.claim = await behindBacklog(contender);
  print(contenders.map((contender) => rowOf(contender, taken.get(contender) as Taken)));
  for (const contender of contenders) await contender.close();
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** The first round is not kept: it compiles the program and fills the caches. */
async function throughput(contender: Contender, into: Taken | undefined): Promise<void> {
  const perSecond = async (work: () => Promise<unknown>) => (jobs / (await timed(work))) * 1000;
  const oneByOne = await perSecond(() => acceptAll(contender, jobs, 1));
  const finishedOneByOne = await perSecond(() => finishAll(contender, 1));
  const several = await perSecond(() => acceptAll(contender, jobs, atOnce));
  const finished = await perSecond(() => finishAll(contender, 20));
  into?.oneByOne.push(oneByOne);
  into?.finishedOneByOne.push(finishedOneByOne);
  into?.atOnce.push(several);
  into?.finished.push(finished);
}

async function acceptAll(contender: Contender, count: number, together: number): Promise<void> {
  let next = 0;
  const accept = async () => {
    while (next < count) {
      next += 1;
      await contender.accept(`member-${next % members}`);
    }
  };
  await Promise.all(Array.from({ length: together }, accept));
}

async function finishAll(contender: Contender, wanted: number): Promise<void> {
  while ((await contender.finish(wanted)) > 0);
}

/** Milliseconds from the moment a job is handed over to the moment its work begins; the queue is empty before. */
async function startLatency(contender: Contender): Promise<number[]> {
  const times: number[] = [];
  let id = "";
  let began = Promise.withResolvers<void>();
  await contender.work((started) => {
    if (started === id) began.resolve();
  });
  for (let at = 0; at < starts; at += 1) {
    began = Promise.withResolvers<void>();
    const start = performance.now();
    await contender.acceptNamed(`member-${at % members}`, (named) => {
      id = named;
    });
    await began.promise;
    times.push(performance.now() - start);
  }
  await contender.rest();
  return times;
}

async function behindBacklog(contender: Contender): Promise<number[]> {
  await contender.fill(Array.from({ length: backlog }, (_, at) => `member-${at % members}`));
  const times: number[] = [];
  for (let at = 0; at < 20; at += 1) times.push(await timed(() => contender.finish(1)));
  return times;
}

function rowOf({ name, accepting }: Contender, taken: Taken): Record<string, string> {
  const columns = Object.entries(measures).map(([key, title]) => {
    return [title, summary(taken[key as keyof typeof measures], key === "claim" ? 1 : 0)];
  });
  return {
    queue: name,
    "an accepted job is": accepting,
    ...Object.fromEntries(columns),
    "start latency p50, ms": share(taken.start, 0.5).toFixed(1),
    "start latency p99, ms": share(taken.start, 0.99).toFixed(1),
  };
}
