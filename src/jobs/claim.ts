import { type RawBuilder, sql } from "kysely";
import type { Database, Trx } from "../store/database.ts";
import type { JobRow } from "../store/tables.ts";
import { type Job, jobFrom } from "./job.ts";

export interface ClaimLimits {
  /** Jobs of one member that may run at the same time, over all processes. */
  readonly perMember: number;
  /**
   * Calls that each service takes at the same time, over all processes. Jobs of a service that is not named here (it left
   * the configuration) are claimed one by one, so that they come to an end and hold up nobody.
   */
  readonly perProvider: Readonly<Record<string, number>>;
  /** Only jobs that were asked for there. */
  readonly platform?: string | undefined;
}

export interface Claim {
  readonly now: number;
  readonly owner: string;
  readonly leaseUntil: number;
  /** Jobs that this process can take on now. */
  readonly wanted: number;
}

/** Of all processes, one claims at a time: so the limits are exact. */
const claimLock = 7231;

/**
 * Takes queued jobs: fewest running of the member first, then what was not tried before, then the member served longest
 * ago, then the oldest; strictly first in, first out within a member. Never passes a limit.
 */
export async function claimJobs(database: Database, limits: ClaimLimits, claim: Claim): Promise<Job[]> {
  if (claim.wanted <= 0) return [];
  const rows = await database.transaction(async (trx) => {
    // A statement of its own: the claim must see what the previous holder of the lock committed.
    if (database.engine === "postgres") await sql`select pg_advisory_xact_lock(${sql.lit(claimLock)})`.execute(trx);
    return claimRows(trx, limits, claim);
  });
  return rows.map(jobFrom).sort((a, b) => (a.id < b.id ? -1 : 1)); // `returning` has no order
}

async function claimRows(trx: Trx, limits: ClaimLimits, claim: Claim): Promise<JobRow[]> {
  const { rows } = await sql<JobRow>`
    with running as (
      select member, provider from job where state = 'running'
    ), members as (
      select waiting.member,
        (select count(*) from running where running.member = waiting.member) as n,
        coalesce((select max(served.started_at) from job served where served.member = waiting.member), 0) as last
      from (select distinct member from job where state = 'queued') waiting
    ), heads as (
      -- slot: how many jobs of the member would run with this one
      select q.id, q.provider, members.last, case when q.retries > 0 then 1 else 0 end as retried,
        members.n + row_number() over (partition by q.member order by q.id) as slot
      from members join job q on q.member = members.member and q.id in (
        select x.id from job x where x.state = 'queued' and x.member = members.member
        order by x.id limit ${sql.lit(limits.perMember)})
      where q.run_at <= ${claim.now} ${limits.platform === undefined ? sql`` : sql`and q.platform = ${limits.platform}`}
    ), ranked as (
      -- place: how many calls of the provider would run with this one
      select id, provider, slot, retried, last,
        row_number() over (partition by provider order by slot, retried, last, id)
          + (select count(*) from running where running.provider = heads.provider) as place
      from heads where slot <= ${sql.lit(limits.perMember)}
    )
    update job set state = 'running', fence = fence + 1, lease_owner = ${claim.owner}, lease_until = ${claim.leaseUntil},
      started_at = ${claim.now}
    where state = 'queued' and id in ( -- once more: it may be cancelled at this very moment
      select id from ranked where place <= ${capacity(limits)} order by slot, retried, last, id
      limit ${sql.lit(claim.wanted)})
    returning *`.execute(trx);
  return rows;
}

function capacity({ perProvider }: ClaimLimits): RawBuilder<number> {
  const cases = Object.entries(perProvider).map(([name, limit]) => sql`when ${name} then ${sql.lit(limit)}`);
  return cases.length === 0 ? sql`1` : sql`case provider ${sql.join(cases, sql` `)} else 1 end`;
}
