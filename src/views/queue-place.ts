import type { Context } from "../context.ts";
import { entryOf, type QueuePosition, type Ranking, rankQueue } from "../jobs/position.ts";
import { recent } from "./recent.ts";

/** Others start and are cancelled meanwhile: nobody sees so small a difference. */
const maxAgeMs = 2000;
/** In a short queue a place is told exactly: to rank it takes no time. */
const shortQueue = 100;

/**
 * The place of a queued job; undefined when it left the queue. The queue is ranked for everybody at once, and a newcomer
 * takes its place among those that are ranked: to rank 2,000 jobs for each of 200 newcomers in a second took SQLite two.
 */
export async function placeOf(context: Context, id: string): Promise<QueuePosition | undefined> {
  const { db } = context.database;
  const rank = (maxAgeMs: number): Promise<Ranking> =>
    recent(context, { question: "queue", maxAgeMs }, () => rankQueue(db));
  const ranking = await rank(maxAgeMs);
  const known = ranking.placeOf(id);
  if (known) return known;
  if (ranking.size <= shortQueue) return (await rank(0)).placeOf(id);
  const newcomer = await entryOf(db, id);
  return newcomer && (ranking.placeOf(id) ?? ranking.add(newcomer)); // another view of it may have been as quick
}
