import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { createDatabase, startPostgres } from "../test/support/postgres.ts";
import { type Contender, startAtelier } from "./bot/contender.ts";
import { cpuMs, proportionalMegabytes } from "./bot/processes.ts";
import { startChild } from "./children.ts";
import { claimTimes } from "./crowd/claims.ts";
import type { CrowdServed } from "./doubles/discord.ts";
import type { RoomUse } from "./doubles/room.ts";
import { print, share } from "./report.ts";

/**
 * `BENCH_CROWD="members,servers,commands,seconds,room"`. By default as much as two processors carry that the service, Discord,
 * the database and the bot share; what is measured for each job does not depend on it.
 */
const [members = 0, servers = 0, commands = 0, seconds = 0, room = 0] = (
  process.env.BENCH_CROWD ?? "2000,300,900,30,20"
)
  .split(",")
  .map(Number);

interface Setup {
  readonly name: string;
  /** Variables of each process. */
  readonly processes: readonly Readonly<Record<string, string>>[];
  readonly engine: "sqlite" | "postgres";
}

const gateway = { ROLES: "gateway" };
const worker = { ROLES: "worker" };
const whole = (shard: number) => ({ ROLES: "gateway,worker,web", DISCORD_SHARDS: `${shard}/3` });
const setups: readonly Setup[] = [
  { name: "a gateway and two workers", processes: [gateway, worker, worker], engine: "postgres" },
  { name: "three whole ones", processes: [whole(0), whole(1), whole(2)], engine: "postgres" },
  { name: "one", processes: [{}], engine: "sqlite" },
];

/** Many members at a time: acknowledged in time, every job exactly once, limits exact, the service kept busy. */
export async function run(): Promise<void> {
  const postgres = await startPostgres({ mortal: true });
  const rows = [];
  for (const [at, setup] of setups.entries()) {
    rows.push(await withCrowd(setup, await createDatabase(postgres.url, `crowd_${at}`)));
  }
  print(rows);
  process.stdout.write("\n");
  print([
    ...(await claimTimes("SQLite", undefined)),
    ...(await claimTimes("PostgreSQL", await createDatabase(postgres.url, "claims"))),
  ]);
  await postgres.stop();
}

async function withCrowd({ name, processes, engine }: Setup, url: string) {
  const discord = await startChild("doubles/discord.ts", {});
  const service = await startChild("doubles/room.ts", { ROOM: String(room) });
  const addresses = { discord: String(discord.hello), service: String(service.hello) };
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-")); // images are on one disk
  const database: Record<string, string> = engine === "postgres" ? { DATABASE_URL: url } : {};
  const bots: Contender[] = [];
  for (const roles of processes) {
    const settings = { OPENAI_CONCURRENCY: String(room), DATA_DIR: folder, ...database, ...roles };
    bots.push(await startAtelier(addresses, [], settings));
  }
  const before = { cpu: cpuOf(bots), memory: memoryOf(bots), database: await countersOf(engine, url) };
  const crowd = { ask: "crowd", members, servers, commands, seconds };
  const served = (await discord.ask(crowd)) as CrowdServed;
  const use = (await service.ask({})) as RoomUse;
  const after = { cpu: cpuOf(bots), memory: memoryOf(bots), database: await countersOf(engine, url) };
  for (const bot of bots) await bot.stop();
  for (const child of [discord, service]) await child.stop();
  rmSync(folder, { recursive: true });
  const perJob = (of: "commits" | "wal") => (after.database[of] - before.database[of]) / commands;
  return {
    "processes, engine": `${name}, ${engine === "sqlite" ? "SQLite" : "PostgreSQL"}`,
    "members, commands": `${members}, ${commands} in ${seconds} s`,
    ...servedColumns(served, use),
    "CPU of a job, ms": ((after.cpu - before.cpu) / commands).toFixed(1),
    "statements and transactions of a job": engine === "sqlite" ? "" : perJob("commits").toFixed(1),
    "bytes written to the log for a job": engine === "sqlite" ? "" : perJob("wal").toFixed(0),
    "memory before and after, MB": `${before.memory.toFixed(0)}, ${after.memory.toFixed(0)}`,
  };
}

function servedColumns({ acks, once, again, wallMs }: CrowdServed, { calls, most, mostOfMember, busy }: RoomUse) {
  const ms = (part: number) => share(acks, part).toFixed(0);
  return {
    "acknowledged, ms (p50, p99, longest)": `${ms(0.5)}, ${ms(0.99)}, ${Math.max(...acks).toFixed(0)}`,
    "jobs posted once, again, never": `${once}, ${again}, ${commands - once - again}`,
    "calls, at once, of one member": `${calls}, ${most} of ${room}, ${mostOfMember}`,
    "service busy": `${(100 * busy).toFixed(0)} %`,
    "jobs/s": ((1000 * once) / wallMs).toFixed(1),
  };
}

function cpuOf(bots: readonly Contender[]): number {
  return bots.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
}

function memoryOf(bots: readonly Contender[]): number {
  return bots.reduce((sum, { pid }) => sum + proportionalMegabytes(pid), 0);
}

async function countersOf(engine: Setup["engine"], url: string): Promise<{ commits: number; wal: number }> {
  if (engine === "sqlite") return { commits: 0, wal: 0 };
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(
    `select xact_commit as commits, pg_current_wal_lsn() - '0/0' as wal
     from pg_stat_database where datname = current_database()`,
  );
  await client.end();
  return { commits: Number(rows[0].commits), wal: Number(rows[0].wal) };
}
