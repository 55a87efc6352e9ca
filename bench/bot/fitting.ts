import { setTimeout as delay } from "node:timers/promises";
import { startChild } from "../children.ts";
import type { Posted } from "../doubles/discord.ts";
import { startAtelier } from "./contender.ts";
import { cpuMs, peakMegabytes, proportionalMegabytes } from "./processes.ts";

const sampleEveryMs = 20;
const jobs = 3;

/** Images that are larger than the 10 MiB which their place takes: what making them smaller takes, decoders included. */
export async function fitting(count: number) {
  const discord = await startChild("doubles/discord.ts", {});
  const service = await startChild("doubles/image-service.ts", {});
  await service.ask({ ask: "prepare", size: "4K", count });
  const bot = await startAtelier({ discord: String(discord.hello), service: String(service.hello) });
  await delay(2000);
  await discord.ask({ ask: "trust", members: 1 });
  const idle = proportionalMegabytes(bot.pid);
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, proportionalMegabytes(bot.pid));
  }, sampleEveryMs);
  const before = cpuMs(bot.pid);
  const walls: number[] = [];
  for (let job = 0; job < jobs; job += 1) {
    const asking = { ask: "images", count, bytes: 0, look: true, uploadBytes: 10_485_760 };
    walls.push(((await discord.ask(asking)) as Posted).wallMs);
  }
  clearInterval(sampling);
  const row = {
    "made to fit 10 MiB": `${count} x 4K`,
    "wall, ms": Math.min(...walls).toFixed(0),
    "CPU, ms": ((cpuMs(bot.pid) - before) / jobs).toFixed(0),
    "idle, all processes, MB": idle.toFixed(0),
    "peak, all processes, MB": most.toFixed(0),
    "peak, the bot alone, MB": peakMegabytes(bot.pid).toFixed(0),
  };
  await bot.stop();
  for (const child of [discord, service]) await child.stop();
  return row;
}
