/** When a job will probably start and end, by arithmetic alone. Times are milliseconds since 1970. */

export interface Duration {
  readonly tier: string | undefined;
  readonly quality: string | undefined;
  readonly ms: number;
}

const lastOnes = 20;

/**
 * The median of the last calls that are most like this one: of the same tier and quality, else of the same tier, else
 * any. `durations` are of one service, newest first. Undefined when there are none.
 */
export function usualMs(
  durations: readonly Duration[],
  { tier, quality }: Pick<Duration, "tier" | "quality">,
): number | undefined {
  const ofTier = durations.filter((each) => each.tier === tier);
  const alike = ofTier.filter((each) => each.quality === quality);
  const [best = []] = [alike, ofTier, durations].filter(({ length }) => length > 0);
  return median(best.slice(0, lastOnes).map(({ ms }) => ms));
}

function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Estimates the end of what started at `startedAt`; what takes longer than usual is given half of that time more, again and again. */
export function endOf(startedAt: number, usual: number, now: number): number {
  const end = startedAt + usual;
  if (end > now || usual <= 0) return Math.max(end, now);
  const step = usual / 2;
  return end + (Math.floor((now - end) / step) + 1) * step;
}

/** Places where work is done side by side. */
export interface Lanes {
  readonly count: number;
  /** When the jobs that run now started. */
  readonly startedAt: readonly number[];
  /** Jobs that start there first. */
  readonly ahead: number;
}

/** Estimates when the next job starts there, where each takes the usual time. */
export function startIn({ count, startedAt, ahead }: Lanes, usual: number, now: number): number {
  const lanes = Math.max(1, count);
  const ends = startedAt.map((start) => endOf(start, usual, now)).toSorted((a, b) => b - a);
  const idle = Array.from({ length: Math.max(0, lanes - ends.length) }, () => now);
  const free = [...ends.slice(0, lanes), ...idle].toSorted((a, b) => a - b);
  const first = free[ahead % free.length] ?? now;
  return first + Math.floor(ahead / free.length) * usual;
}

/** Rounds a time up to the next mark of a grid as coarse as the time is long: what is no more than a guess must not change all the time. */
export function toGrid(time: number, usual: number): number {
  const grid = Math.min(15_000, Math.max(1000, usual / 4));
  return Math.ceil(time / grid) * grid;
}
