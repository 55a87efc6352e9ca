/**
 * Whose turn is next: `job.turn` is when the member of a waiting job was served last. Only the first jobs of each member's
 * queue have one, as many as may run at once; so a claim finds those that may start without looking at all that wait.
 */
import { type RawBuilder, sql } from "kysely";
import type { Engine, Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { NewJob } from "./job.ts";

/** One transaction at a time of all that start or cancel jobs: so limits are exact, and each sees whose turn the last one left. */
export const queueLock = sql`pg_advisory_xact_lock(7231)`;

export async function lockQueue(trx: Trx, engine: Engine): Promise<void> {
  if (engine === "postgres") await sql`select ${queueLock}`.execute(trx); // SQLite has one writer
}

/** Selects when a job of the member, a value or a column, was started last; 0 for never. */
export function lastStartOf(member: string | RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`coalesce((select max(served.started_at) from job served where served.member = ${member}), 0)`;
}

/**
 * Counts the jobs in the queue of a new job's member that come before it, `most` at most, and that are sure to be there until
 * the transaction ends: whoever starts or cancels one of them has to wait for it, and then sees what it put behind them.
 * Jobs are in the order of their ids, and one that another process made earlier may come to the store later.
 */
export async function countAhead(
  trx: Trx,
  engine: Engine,
  { id, member }: Pick<NewJob, "id" | "member">,
  most: number,
): Promise<number> {
  const staying = engine === "postgres" ? sql`for share skip locked` : sql``;
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (
      select id from job where state = 'queued' and member = ${member} and id < ${id} limit ${most} ${staying}) ahead`.execute(
    trx,
  );
  return Number(rows[0]?.n);
}

/** Gives the first `ready` jobs of each queue the turn of their member, after jobs left the queues of `members`, a query. */
export async function passTurns(trx: Trx, members: RawBuilder<unknown>, ready: number): Promise<void> {
  await sql`
    with ready as materialized (
      select member, ${lastStartOf(sql`waiting.member`)} as served,
        coalesce(
          (select id from job where state = 'queued' and job.member = waiting.member order by id limit 1 offset ${ready - 1}),
          (select max(id) from job where state = 'queued' and job.member = waiting.member)) as until
      from (${members}) waiting
    )
    update job set turn = ready.served from ready
      where job.state = 'queued' and job.member = ready.member and job.id <= ready.until
        and (job.turn is null or job.turn < ready.served)`.execute(trx);
}

/** Gives their turns to jobs that were left behind by a process of an earlier version, which passes none on. */
export async function mendTurns({ db, engine }: Database): Promise<void> {
  if (engine === "sqlite") return; // it has one process
  await sql`
    update job set turn = ${lastStartOf(sql.ref("job.member"))}
      where state = 'queued' and turn is null and not exists (
        select 1 from job before where before.state = 'queued' and before.member = job.member and before.id < job.id)`.execute(
    db,
  );
}
