import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** A process and all that it started: the decoders of images, for one. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(fieldsOf(Number(name))?.[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const each of family) family.push(...(parents.get(each) ?? []));
  return family;
}

/** Measures what a family of processes has used of the processors so far, in the kernel too, those that have ended included. */
export function cpuMs(pid: number): number {
  // Ticks of 10 ms: utime, stime, and the same of children that were waited for.
  const ticks = familyOf(pid).map((each) =>
    fieldsOf(each)
      ?.slice(11, 15)
      .reduce((sum, field) => sum + Number(field), 0),
  );
  return 10 * ticks.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/** Measures the memory of a family: what several share is counted once. */
export function proportionalMegabytes(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + kilobytes(`/proc/${each}/smaps_rollup`, "Pss") / 1024, 0);
}

export function residentMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmRSS") / 1024;
}

/** The most that was resident since `forgetPeak`. */
export function peakMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmHWM") / 1024;
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Behind the name, which may have spaces: state, parent, and so on (proc(5)). */
function fieldsOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // it has ended
  }
}

function kilobytes(file: string, field: string): number {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
