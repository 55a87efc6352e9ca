import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startAtelier } from "../test/support/atelier.ts";
import { print, summary } from "./report.ts";

const rounds = 10;

/** From the start of node to `ready`, and the memory of a bot that does nothing yet (Linux only). */
export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const times: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const bot = await startAtelier({ DATA_DIR: folder });
    times.push(performance.now() - start);
    memory.push(residentMegabytes(bot.pid));
    await bot.stop();
  }
  print([{ mode: "playground", "start to ready, ms": summary(times, 0), "resident memory, MB": summary(memory, 0) }]);
  rmSync(folder, { recursive: true });
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1024;
}
