import { sql } from "kysely";
import type { Db } from "../store/connection.ts";

/** A queued job's place among all. */
export interface QueuePosition {
  /** How many jobs start before it, plus one, by the claim's own order. */
  readonly position: number;
  /** How many jobs of its member run or start before it, plus one. */
  readonly slot: number;
}

/**
 * Finds where a job stands in the queue; undefined when it is not queued. Ranks the jobs of its tenant, and counts of the
 * others how many turns they have before it, so that a long queue costs little.
 */
export async function positionOf(db: Db, id: string): Promise<QueuePosition | undefined> {
  const { rows } = await sql<{ slot: number; position: number }>`
    with mine as materialized (
      select member, tenant from job where id = ${id} and state = 'queued'
    ), running as materialized (
      select member, tenant from job where state = 'running'
    ), busy as materialized (
      select member, count(*) as n from running group by member
    ), lines as (
      -- slot: how many jobs of the member would run with this one
      select q.id, q.tenant, w.head, w.served_at, case when q.requeues > 0 then 1 else 0 end as retried,
        coalesce(busy.n, 0) + row_number() over (partition by q.member order by q.id) as slot
      from (select distinct i.member from mine join job i on i.tenant = mine.tenant where i.state = 'queued') those
      join job q on q.member = those.member and q.state = 'queued'
      join waiting_member w on w.member = q.member left join busy on busy.member = q.member
    ), home as materialized (
      select lines.* from lines where tenant = (select tenant from mine)
    ), me as materialized (
      select h.slot, 1 + (
        select count(*) from home o where (o.slot, o.retried, o.served_at, o.head, o.id) < (h.slot, h.retried, h.served_at, h.head, h.id)
      ) as rank from home h where h.id = ${id}
    ), tenants as materialized (
      select told.*, coalesce((select s.served_at from served_tenant s where s.tenant = told.tenant), 0) as last,
        coalesce((select min(w.head) from waiting_member w where w.tenant = told.tenant), '') as head
      from (
        select tenant, sum(queued) as queued, sum(running) as running from (
          select tenant, 1 as queued, 0 as running from job where state = 'queued'
          union all select tenant, 0, 1 from running) each
        group by tenant having sum(queued) > 0) told
    ), turn as materialized (
      -- round: the turn of its tenant that it waits for
      select t.*, me.slot, me.rank, case when me.slot > t.running + me.rank then me.slot else t.running + me.rank end as round
      from me join mine on true join tenants t on t.tenant = mine.tenant
    )
    select slot, case when round - running > queued then queued else round - running end + (
      select coalesce(sum(
        -- jobs of the other tenant in earlier turns, and its job in the same turn when that one is served first
        case when turn.round - 1 - o.running >= o.queued then o.queued
          when turn.round - 1 - o.running < 0 then 0
          else turn.round - 1 - o.running
            + case when o.last < turn.last or (o.last = turn.last and o.head < turn.head) then 1 else 0 end end), 0)
      from tenants o where o.tenant <> turn.tenant) as position
    from turn`.execute(db);
  const [row] = rows;
  return row && { position: Number(row.position), slot: Number(row.slot) };
}
