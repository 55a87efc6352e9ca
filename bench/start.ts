import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startAtelier } from "../test/support/atelier.ts";
import { startUsual } from "./bot/contender.ts";
import { startChild } from "./children.ts";
import { residentMegabytes } from "./measure.ts";
import { print, summary } from "./report.ts";
import { startEnvironment } from "./start-command.ts";

const rounds = 10;
const restMs = 3000;

/** From the start of node to `ready` with a warm disk cache, and the memory of a bot that does nothing yet. */
export async function run(): Promise<void> {
  const discord = await startChild("doubles/discord.ts", {});
  const connected = { DISCORD_TOKEN: "bench", DISCORD_API_URL: String(discord.hello), OPENAI_API_KEY: "bench" };
  const startAnew = () => startUsual({ discord: String(discord.hello), service: "http://127.0.0.1" });
  print([
    emptyNode(),
    await measure("the usual bot (bench/bot/usual.ts)", startAnew),
    await measureAtelier("playground", {}),
    await measureAtelier("Discord and OpenAI, no guilds", connected),
  ]);
  await discord.stop();
}

/** The start of node itself, of which the targets are multiples. */
function emptyNode() {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    execFileSync(process.execPath, ["-e", "0"]);
    times.push(performance.now() - start);
  }
  return { mode: "an empty node", "start to ready, ms": summary(times, 0), "resident after 3 s, MB": "" };
}

async function measureAtelier(mode: string, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const settings = { ...environment, DATA_DIR: folder, ...startEnvironment() };
  const measured = await measure(mode, () => startAtelier(settings));
  rmSync(folder, { recursive: true });
  return measured;
}

interface Started {
  readonly pid: number;
  stop(): Promise<unknown>;
}

async function measure(mode: string, startAnew: () => Promise<Started>) {
  await (await startAnew()).stop(); // fills the disk cache, makes the database
  const times: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const bot = await startAnew();
    times.push(performance.now() - start);
    if (round < 3) await delay(restMs);
    if (round < 3) memory.push(residentMegabytes(bot.pid));
    await bot.stop();
  }
  return { mode, "start to ready, ms": summary(times, 0), "resident after 3 s, MB": summary(memory, 0) };
}
