import { sql } from "kysely";
import type { Db } from "../store/database.ts";

/**
 * How many jobs start before this queued one, plus one, by the claim's own order; undefined when it is not queued.
 * Counts by member, not by job, so that a long queue costs little.
 */
export async function positionOf(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await sql<{ slot: number; ahead: number }>`
    with mine as (select member from job where id = ${id} and state = 'queued'),
    members as (
      select member,
        sum(case when state = 'queued' then 1 else 0 end) as queued,
        sum(case when state = 'running' then 1 else 0 end) as running,
        min(case when state = 'queued' then id end) as head
      from job where state in ('queued', 'running') group by member
    ), others as (
      select members.*, coalesce((select max(s.started_at) from job s where s.member = members.member), 0) as last
      from members where queued > 0
    ), me as (
      select others.*, running + (
        select count(*) from job where job.member = others.member and state = 'queued' and id <= ${id}) as slot
      from others where member in (select member from mine)
    )
    select me.slot, me.slot - 1 - me.running + coalesce((
      select sum(
        -- jobs of the other member with a smaller slot, and its job in the same slot when that member is served first
        case when me.slot - 1 - o.running >= o.queued then o.queued
          when me.slot - 1 - o.running < 0 then 0
          else me.slot - 1 - o.running
            + case when o.last < me.last or (o.last = me.last and o.head < me.head) then 1 else 0 end end)
      from others o where o.member <> me.member), 0) as ahead
    from me`.execute(db);
  const row = rows[0];
  return row && Number(row.ahead) + 1;
}
