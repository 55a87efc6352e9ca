import { sql } from "kysely";
import type { Db } from "../store/connection.ts";

/** A queued job's place among all. */
export interface QueuePosition {
  /** How many jobs start before it, plus one, by the claim's own order. */
  readonly position: number;
  /** How many jobs of its member run or start before it, plus one. */
  readonly slot: number;
}

/** Finds where a job stands in the queue; undefined when it is not queued. Counts by member, so that a long queue costs little. */
export async function positionOf(db: Db, id: string): Promise<QueuePosition | undefined> {
  const { rows } = await sql<{ slot: number; ahead: number }>`
    with mine as (select member, case when requeues > 0 then 1 else 0 end as retried from job where id = ${id} and state = 'queued'),
    members as (
      select member,
        sum(case when state = 'queued' then 1 else 0 end) as queued,
        sum(case when state = 'running' then 1 else 0 end) as running,
        max(case when state = 'queued' and requeues > 0 then 1 else 0 end) as retries,
        min(case when state = 'queued' then id end) as head
      from job where state in ('queued', 'running') group by member
    ), others as (
      select members.*, coalesce((select max(s.started_at) from job s where s.member = members.member), 0) as last
      from members where queued > 0
    ), lines as (
      -- only of members whose jobs are not all alike: which of them stand back
      select member, case when requeues > 0 then 1 else 0 end as retried, row_number() over (partition by member order by id) as n
      from job where state = 'queued' and member in (select member from members where requeues > 0)
    ), me as (
      select others.*, mine.retried, running + (
        select count(*) from job where job.member = others.member and state = 'queued' and id <= ${id}) as slot
      from others join mine on mine.member = others.member
    )
    select me.slot, me.slot - 1 - me.running + coalesce((
      select sum(
        -- jobs of the other member with a smaller slot, and its job in the same slot when that one is served first
        case when me.slot - 1 - o.running >= o.queued then o.queued
          when me.slot - 1 - o.running < 0 then 0
          else me.slot - 1 - o.running + case
            when coalesce(l.retried, 0) <> me.retried then me.retried
            when o.last < me.last or (o.last = me.last and o.head < me.head) then 1 else 0 end end)
      from others o left join lines l on l.member = o.member and l.n = me.slot - o.running
      where o.member <> me.member), 0) as ahead
    from me`.execute(db);
  const [row] = rows;
  return row && { position: Number(row.ahead) + 1, slot: Number(row.slot) };
}
