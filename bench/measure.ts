import { readFileSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Holds what one piece of work took of this process. Memory is 0 where /proc is missing. */
export interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The longest time for which nothing else could run. */
  readonly stallMs: number;
  /** Resident at its highest. */
  readonly peakMegabytes: number;
}

export async function measured(work: () => Promise<unknown>): Promise<Measured> {
  forgetPeak();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 5)); // a stall at the very end is seen by the next tick only
  delay.disable();
  return { wallMs, cpuMs: (user + system) / 1000, stallMs: delay.max / 1e6, peakMegabytes: statusMegabytes("VmHWM") };
}

/** Measures the memory of a process, now. */
export function residentMegabytes(pid: number | "self" = "self"): number {
  return statusMegabytes("VmRSS", pid);
}

function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Not Linux: there is no peak to forget.
  }
}

function statusMegabytes(field: "VmHWM" | "VmRSS", pid: number | "self" = "self"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  } catch {
    return 0;
  }
}
