const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** 1970 began on a Thursday: the first Monday came four days later. */
const firstMonday = 4 * dayMs;
/** Nobody reads a digest at midnight. */
const morningMs = 8 * 3_600_000;

/** The last whole week, from Monday to Sunday in UTC, as a notice; none on a Monday before 08:00 UTC. */
export function digestOfLastWeek(now: number) {
  const until = Math.floor((now - firstMonday) / weekMs) * weekMs + firstMonday;
  if (now < until + morningMs) return [];
  const since = until - weekMs;
  return [{ key: `digest:${since}`, kind: "digest" as const, facts: { since, until } }];
}
