import { sql } from "kysely";
import type { Db } from "../store/connection.ts";

/** A queued job's place among all. */
export interface QueuePosition {
  /** How many jobs start before it, plus one, by the claim's own order. */
  readonly position: number;
  /** How many jobs of its member run or start before it, plus one. */
  readonly slot: number;
}

/** Ranks all queued jobs in the order in which they are claimed; by id. */
export async function rankQueue(db: Db): Promise<ReadonlyMap<string, QueuePosition>> {
  const { rows } = await sql<QueuePosition & { id: string }>`
    with running as materialized (
      select member, count(*) as n from job where state = 'running' group by member
    ), ranked as (
      -- slot: how many jobs of the member would run with this one
      select q.id, max(q.turn) over (partition by q.member) as last, case when q.requeues > 0 then 1 else 0 end as retried,
        coalesce(running.n, 0) + row_number() over (partition by q.member order by q.id) as slot
      from job q left join running on running.member = q.member where q.state = 'queued'
    )
    select id, slot, row_number() over (order by slot, retried, last, id) as position from ranked`.execute(db);
  return new Map(rows.map(({ id, position, slot }) => [id, { position: Number(position), slot: Number(slot) }]));
}
