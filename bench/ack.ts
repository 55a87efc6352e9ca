import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startAtelier } from "../test/support/atelier.ts";
import { type Child, startChild } from "./children.ts";
import { residentMegabytes } from "./measure.ts";
import { print, share } from "./report.ts";
import { startEnvironment } from "./start-command.ts";

const bursts = 3;
const targetMs = 50;

interface Load {
  readonly name: string;
  /** Members with a job under way all the time. */
  readonly members: number;
  /** Images of each job, 19.9 MB each. */
  readonly count: number;
  readonly interactions: number;
}

const loads: readonly Load[] = [
  { name: "no jobs", members: 0, count: 1, interactions: 500 },
  { name: "4 jobs of 1 x 19.9 MB", members: 4, count: 1, interactions: 200 },
  { name: "3 jobs of 10 x 19.9 MB", members: 3, count: 10, interactions: 500 },
];

/**
 * How long members wait for the first sign of life while the real bot, in a process of its own, receives, makes smaller
 * and posts large images all the time: from the event on its gateway to the answer, in milliseconds.
 */
export async function run(): Promise<void> {
  const rows = [];
  for (const load of loads) rows.push(await underLoad(load));
  print(rows);
}

async function underLoad(load: Load) {
  const discord = await startChild("doubles/discord.ts", {});
  const service = await startChild("doubles/image-service.ts", {});
  await service.ask({ ask: "prepare", size: "4K", count: load.count });
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const bot = await startAtelier({
    ...startEnvironment(),
    DATA_DIR: folder,
    DISCORD_TOKEN: "bench",
    DISCORD_API_URL: String(discord.hello),
    OPENAI_API_KEY: "bench",
    OPENAI_BASE_URL: String(service.hello),
    OPENAI_PARTIAL_IMAGES: "0",
    USER_DAILY_CREDITS: "1000000",
  });
  try {
    return await measure(load, discord, bot.pid);
  } finally {
    await bot.kill();
    await Promise.all([discord.stop(), service.stop()]);
    rmSync(folder, { recursive: true });
  }
}

async function measure({ name, members, count, interactions }: Load, discord: Child, pid: number) {
  const burst = async (size: number) => {
    return (await discord.ask({ ask: "burst", interactions: size })) as { acks: number[]; posted: number };
  };
  await burst(50); // compiles the program
  if (members > 0) await discord.ask({ ask: "keep busy", members, count });
  await delay(2000);
  const acks: number[][] = [];
  const start = performance.now();
  const { posted: before } = await burst(1);
  let posted = before;
  for (let turn = 0; turn < bursts; turn += 1) {
    const done = await burst(interactions);
    acks.push(done.acks);
    posted = done.posted;
  }
  const seconds = (performance.now() - start) / 1000;
  await discord.ask({ ask: "let be" });
  const all = acks.flat();
  const p99 = acks.map((each) => share(each, 0.99));
  return {
    "in the background": name,
    "interactions in a second": `${bursts} x ${interactions}`,
    "p50, ms": share(all, 0.5).toFixed(1),
    "p99, ms": share(all, 0.99).toFixed(1),
    "p99 of each burst": p99.map((ms) => ms.toFixed(0)).join(" / "),
    "longest, ms": Math.max(...all).toFixed(0),
    "over 3 s": all.filter((ms) => ms > 3000).length,
    "posts/s": ((posted - before) / seconds).toFixed(1),
    "memory, MB": residentMegabytes(pid).toFixed(0),
    [`p99 at most ${targetMs} ms`]: share(all, 0.99) <= targetMs ? "yes" : "no",
  };
}
