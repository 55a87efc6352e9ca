const dayMs = 86_400_000;

/** The UTC day, `2026-11-20`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** UTC days since 1970. */
export function dayNumber(ms: number): number {
  return Math.floor(ms / dayMs);
}

export function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

export function startOfNextDay(ms: number): number {
  return startOfDay(ms) + dayMs;
}

export function startOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export function startOfNextMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
