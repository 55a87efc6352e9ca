import { type RawBuilder, sql } from "kysely";
import type { Engine, Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { JobRow } from "../store/tables.ts";
import { type Job, jobFrom } from "./job.ts";

export interface ClaimLimits {
  /** Jobs of one member that may run at the same time, over all processes. */
  readonly perMember: number;
  /**
   * Calls that each service takes at the same time, over all processes and all of its models. Jobs of a service that is not
   * named here (it left the configuration) are claimed one by one, so that they come to an end and hold up nobody.
   */
  readonly perProvider: Readonly<Record<string, number>>;
  /** Only jobs that were asked for there; undefined means everywhere. */
  readonly platforms?: readonly string[] | undefined;
  /** Jobs accepted before this are claimed all the same: their platform is gone, and somebody must end them. */
  readonly abandonedBefore?: number | undefined;
}

export interface Claim {
  readonly now: number;
  readonly owner: string;
  readonly leaseUntil: number;
  /** Jobs that this process can take on now. */
  readonly wanted: number;
}

/** One process of all claims at a time: so the limits are exact. */
const claimLock = 7231;

/**
 * Takes queued jobs. Tenants take turns: next is the tenant with the fewest running jobs, then the one that was served
 * longest ago, then the one whose first job is oldest. Within a tenant, next is the member with the fewest running jobs
 * (counted over all tenants), then what was not tried before, then the member served longest ago, then the oldest job;
 * first in, first out within a member. A member whose jobs are spread over tenants gains nothing by it: a job that would
 * be the member's third to run waits for the third turn of its tenant. Never passes a limit.
 */
export async function claimJobs(database: Database, limits: ClaimLimits, claim: Claim): Promise<Job[]> {
  if (claim.wanted <= 0) return [];
  const rows = await database.transaction(async (trx) => {
    const ourTurn = database.engine === "postgres" ? takeTurn(trx) : undefined;
    const [, claimed] = await Promise.all([ourTurn, claimRows({ trx, engine: database.engine }, limits, claim)]);
    return claimed;
  });
  return rows.map(jobFrom).sort((a, b) => (a.id < b.id ? -1 : 1)); // `returning` has no order
}

/**
 * A statement of its own: the claim must see what the previous holder of the lock committed. And it is planned for looking
 * up one row after another by an index: PostgreSQL would guess from statistics of when the queue was empty.
 */
async function takeTurn(trx: Trx): Promise<void> {
  const off = ["enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"].map(
    (plan) => sql`set_config(${sql.lit(plan)}, 'off', true)`,
  );
  await sql`select pg_advisory_xact_lock(${sql.lit(claimLock)}), ${sql.join(off)}`.execute(trx);
}

interface Turn {
  readonly trx: Trx;
  readonly engine: Engine;
}

/** Looks first at the tenants and members who are served next: nearly always that is enough, and quick when thousands wait. */
async function claimRows(turn: Turn, limits: ClaimLimits, claim: Claim): Promise<JobRow[]> {
  const looked = claim.wanted + spare;
  const rows = await claimOf(turn, limits, claim, looked);
  const left = claim.wanted - rows.length;
  if (left === 0 || !(await waitMoreThan(turn.trx, looked - rows.length))) return rows;
  return [...rows, ...(await claimOf(turn, limits, { ...claim, wanted: left }, everybody))];
}

/** Looked at beyond those who would do if nobody were held up. */
const spare = 4;

async function waitMoreThan(trx: Trx, members: number): Promise<boolean> {
  const { rows } = await sql`select 1 from waiting_member limit 1 offset ${sql.lit(members)}`.execute(trx);
  return rows.length > 0;
}

async function claimOf({ trx, engine }: Turn, limits: ClaimLimits, claim: Claim, looked: number): Promise<JobRow[]> {
  const { rows } = await sql<JobRow>`
    with recursive ${busyNow(limits)}, ${waitingTenants}, tenants as materialized (
      select tenant from in_order where exists (
        select 1 from waiting_member w where w.tenant = in_order.tenant and ${isReady(limits, claim)})
      limit ${sql.lit(looked)}
    ), members as materialized (
      select lines.member, lines.served_at, coalesce(busy.n, 0) as n from (
        ${idleLines(engine, isReady(limits, claim), looked)}
        union all select w.member, w.served_at from busy join waiting_member w on w.member = busy.member
        where ${isReady(limits, claim)}) lines
      left join busy on busy.member = lines.member
    ), ${headsOf(limits, claim)}, ranked as (
      -- place: how many calls of the service would run with this one
      select heads.*, row_number() over (partition by service order by round, tenant_last, tenant_head, turn)
        + (select count(*) from running where running.service = heads.service) as place
      from (select turns.*, case when slot > turn then slot else turn end as round from turns) heads
    ), chosen as materialized (
      select id, 'queued' as state from ranked where place <= ${capacity(limits)}
      order by round, tenant_last, tenant_head, turn limit ${sql.lit(claim.wanted)}
    )
    update job set state = 'running', fence = fence + 1, lease_owner = ${claim.owner}, lease_until = ${claim.leaseUntil},
      started_at = ${claim.now}
    from chosen
    where job.id = chosen.id and job.state = chosen.state -- once more: it may be cancelled at this very moment
    returning *`.execute(trx);
  return rows;
}

/** The running jobs, by member too, and the services that have no room. */
function busyNow(limits: ClaimLimits): RawBuilder<unknown> {
  const closed = Object.entries(limits.perProvider).filter(([, limit]) => limit <= 0);
  return sql`running as materialized (
      select member, tenant, ${serviceIn(limits, "provider")} as service from job where state = 'running'
    ), busy as materialized (
      select member, count(*) as n from running group by member
    ), no_room as materialized (
      select service from running group by service having count(*) >= ${capacity(limits)}
      ${sql.join(
        closed.map(([name]) => sql`union select cast(${name} as text)`),
        sql` `,
      )}
    )`;
}

const everybody = 1_000_000;

/** Up to so many tenants are looked for one by one: with more, it is quicker to go through all who wait. */
const fewTenants = 400;

/** The tenants with somebody who waits, in the order in which they are served. */
const waitingTenants = sql`steps (tenant, nth) as (
    select min(tenant), 1 from waiting_member
    union all select (select min(w.tenant) from waiting_member w where w.tenant > steps.tenant), nth + 1
    from steps where tenant is not null and nth <= ${sql.lit(fewTenants)}
  ), counted as materialized (
    select tenant from steps where tenant is not null
  ), waiting as materialized (
    select tenant, (select min(w.head) from waiting_member w where w.tenant = counted.tenant) as head
    from counted where (select count(*) from counted) <= ${sql.lit(fewTenants)}
    union all select tenant, min(head) from waiting_member
    where (select count(*) from counted) > ${sql.lit(fewTenants)} group by tenant
  ), in_order as materialized (
    select told.tenant, told.n, told.head, coalesce(served_tenant.served_at, 0) as last
    from (
      select tenant, sum(n) as n, min(head) as head from (
        select tenant, 0 as n, head from waiting union all select tenant, count(*), null from running group by tenant) each
      group by tenant having min(head) is not null) told
    left join served_tenant on served_tenant.tenant = told.tenant
    order by n, last, head limit ${sql.lit(everybody)} -- with a limit, the order is kept
  )`;

/** Can the member's first job be started now, or may a later one that is not told here? */
function isReady({ perMember, ...limits }: ClaimLimits, { now }: Claim): RawBuilder<unknown> {
  const later = perMember > 1 ? sql`or w.next is not null` : sql``;
  return sql`w.member not in (select member from busy where n >= ${sql.lit(perMember)})
    and (w.run_at <= ${now} and ${serviceIn(limits, "w.provider")} not in (select service from no_room) ${onlyPlatforms("w", limits)} ${later})`;
}

/** The members of each tenant who have nothing running and are next there. */
function idleLines(engine: Engine, ready: RawBuilder<unknown>, looked: number): RawBuilder<unknown> {
  const next = sql`from waiting_member w where w.tenant = tenants.tenant
    and w.member not in (select member from busy) and ${ready}
    order by w.retried, w.served_at, w.head limit ${sql.lit(looked)}`;
  if (engine === "postgres") {
    return sql`select line.member, line.served_at from tenants cross join lateral (select w.member, w.served_at ${next}) line`;
  }
  return sql`select line.member, line.served_at from tenants cross join waiting_member line
    where line.member in (select w.member ${next})`;
}

/** The jobs of these members that may start, each with its turn: how many jobs of the tenant would run with this one. */
function headsOf(limits: ClaimLimits, claim: Claim): RawBuilder<unknown> {
  const firsts = Array.from({ length: limits.perMember }, (_, before) => {
    return sql`
      select n, served_at, (select q.id from job q where q.state = 'queued' and q.member = members.member
        order by q.id limit 1 offset ${sql.lit(before)}) as id
      from members where n + ${sql.lit(before)} < ${sql.lit(limits.perMember)}`;
  });
  return sql`firsts as materialized (${sql.join(firsts, sql` union all `)}
    ), slots as (
      -- slot: how many jobs of the member would run with this one
      select q.id, q.tenant, ${serviceIn(limits, "q.provider")} as service, firsts.served_at, case when q.requeues > 0 then 1 else 0 end as retried,
        firsts.n + row_number() over (partition by q.member order by q.id) as slot
      from firsts cross join job q -- cross: SQLite then keeps this order
      where q.id = firsts.id and q.run_at <= ${claim.now} and ${serviceIn(limits, "q.provider")} not in (select service from no_room)
        ${onlyPlatforms("q", limits)}
    ), turns as (
      select slots.*,
        (select count(*) from running where running.tenant = slots.tenant)
          + row_number() over (partition by tenant order by slot, retried, served_at, id) as turn,
        coalesce((select s.served_at from served_tenant s where s.tenant = slots.tenant), 0) as tenant_last,
        coalesce((select min(w.head) from waiting_member w where w.tenant = slots.tenant), '') as tenant_head
      from slots
    )`;
}

function onlyPlatforms(
  table: "w" | "q",
  { platforms, abandonedBefore = 0 }: Omit<ClaimLimits, "perMember">,
): RawBuilder<unknown> {
  if (platforms === undefined) return sql``;
  const names = sql.join(["", ...platforms].map((name) => sql`${name}`)); // a list must not be empty
  const column = (name: string) => sql.ref(`${table}.${name}`);
  return sql`and (${column("platform")} in (${names}) or ${column("created_at")} < ${abandonedBefore})`;
}

/** The service of a job, whichever of its models the job is for. */
function serviceIn({ perProvider }: Pick<ClaimLimits, "perProvider">, column: string): RawBuilder<string> {
  const names = Object.keys(perProvider);
  const cases = names.map((name) => sql`when ${sql.ref(column)} like ${`${name}/%`} then ${name}`);
  return cases.length === 0
    ? sql`${sql.ref(column)}`
    : sql`case ${sql.join(cases, sql` `)} else ${sql.ref(column)} end`;
}

function capacity({ perProvider }: Pick<ClaimLimits, "perProvider">): RawBuilder<number> {
  const cases = Object.entries(perProvider).map(([name, limit]) => sql`when ${name} then ${sql.lit(limit)}`);
  return cases.length === 0 ? sql`1` : sql`case service ${sql.join(cases, sql` `)} else 1 end`;
}
