import { type RawBuilder, sql } from "kysely";
import type { Payer } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { JobRow } from "../store/tables.ts";
import { type Job, jobFrom } from "./job.ts";

export interface ClaimLimits {
  /** Jobs of one member that may run at the same time, over all processes. */
  readonly perMember: number;
  /**
   * Calls that each service takes at the same time by one key, the operator's or that of a tenant, over all processes and
   * all of its models. Jobs of a service that is not named here (it left the configuration) are claimed one by one, so that
   * they come to an end and hold up nobody.
   */
  readonly perProvider: Readonly<Record<string, number>>;
  /** Only jobs that were asked for there; undefined means everywhere. */
  readonly platforms?: readonly string[] | undefined;
  /** Jobs accepted before this are claimed all the same: their platform is gone, and somebody must end them. */
  readonly abandonedBefore?: number | undefined;
  /** Only jobs for which this one pays the service; undefined means either. */
  readonly payer?: Payer | undefined;
  /** Tenants whose own calls to a service must wait. */
  readonly resting?: readonly { readonly tenant: string; readonly service: string }[] | undefined;
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
 * Takes queued jobs: fewest running of the member first, then what was not tried before, then the member served longest
 * ago, then the oldest; strictly first in, first out within a member. Never passes a limit.
 */
export async function claimJobs(database: Database, limits: ClaimLimits, claim: Claim): Promise<Job[]> {
  if (claim.wanted <= 0) return [];
  const rows = await database.transaction(async (trx) => {
    const ourTurn = database.engine === "postgres" ? takeTurn(trx) : undefined;
    const [, claimed] = await Promise.all([ourTurn, claimRows(trx, limits, claim)]);
    return claimed;
  });
  return rows.map(jobFrom).sort((a, b) => (a.id < b.id ? -1 : 1)); // `returning` has no order
}

/**
 * A statement of its own: the claim must see what the previous holder of the lock committed. And it is planned for looking
 * up one row after another by an index: PostgreSQL would guess from statistics of when the queue was empty.
 */
async function takeTurn(trx: Trx): Promise<void> {
  const off = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"].map(
    (plan) => sql`set_config(${sql.lit(plan)}, 'off', true)`,
  );
  await sql`select pg_advisory_xact_lock(${sql.lit(claimLock)}), ${sql.join(off)}`.execute(trx);
}

/** Looks first at the members who are served next: nearly always that is enough, and quick when thousands wait. */
async function claimRows(trx: Trx, limits: ClaimLimits, claim: Claim): Promise<JobRow[]> {
  const members = 2 * claim.wanted + 20;
  const rows = await claimOf(trx, limits, claim, members);
  const left = claim.wanted - rows.length;
  if (left === 0 || !(await waitMoreThan(trx, members - rows.length))) return rows;
  return [...rows, ...(await claimOf(trx, limits, { ...claim, wanted: left }, everybody))];
}

const everybody = 1_000_000;

async function waitMoreThan(trx: Trx, jobs: number): Promise<boolean> {
  const { rows } = await sql`select 1 from job where state = 'queued' limit 1 offset ${sql.lit(jobs)}`.execute(trx);
  return rows.length > 0;
}

async function claimOf(trx: Trx, limits: ClaimLimits, claim: Claim, looked: number): Promise<JobRow[]> {
  const firsts = Array.from({ length: limits.perMember }, (_, before) => {
    return sql`
      select n, last, (select q.id from job q where q.state = 'queued' and q.member = members.member
        order by q.id limit 1 offset ${sql.lit(before)}) as id
      from members where n + ${sql.lit(before)} < ${sql.lit(limits.perMember)}`;
  });
  const { rows } = await sql<JobRow>`
    with running as materialized (
      select ${serviceIn(limits)} as service from job where state = 'running'
    ), members as materialized (
      select member,
        (select count(*) from job busy where busy.state = 'running' and busy.member = waiting.member) as n,
        coalesce((select max(served.started_at) from job served where served.member = waiting.member), 0) as last
      from (select distinct member from job where state = 'queued') waiting
      order by n, last limit ${sql.lit(looked)}
    ), firsts as materialized (${sql.join(firsts, sql` union all `)}
    ), heads as (
      -- slot: how many jobs of the member would run with this one
      select q.id, ${serviceIn(limits)} as service, firsts.last, case when q.requeues > 0 then 1 else 0 end as retried,
        firsts.n + row_number() over (partition by q.member order by q.id) as slot
      from firsts cross join job q -- cross: SQLite then keeps this order
      where q.id = firsts.id and q.run_at <= ${claim.now} ${onlyPlatforms(limits)} ${onlyPaidBy(limits)}
    ), ranked as (
      -- place: how many calls of the service would run with this one
      select id, service, slot, retried, last,
        row_number() over (partition by service order by slot, retried, last, id)
          + (select count(*) from running where running.service = heads.service) as place
      from heads
    ), chosen as materialized (
      select id, 'queued' as state from ranked where place <= ${capacity(limits)} order by slot, retried, last, id
      limit ${sql.lit(claim.wanted)}
    )
    update job set state = 'running', fence = fence + 1, lease_owner = ${claim.owner}, lease_until = ${claim.leaseUntil},
      started_at = ${claim.now}
    from chosen
    where job.id = chosen.id and job.state = chosen.state -- once more: it may be cancelled at this very moment
    returning *`.execute(trx);
  return rows;
}

function onlyPaidBy({ payer }: ClaimLimits): RawBuilder<unknown> {
  return payer === undefined ? sql`` : sql`and q.payer = ${payer}`;
}

function onlyPlatforms({ platforms, abandonedBefore = 0 }: ClaimLimits): RawBuilder<unknown> {
  if (platforms === undefined) return sql``;
  const names = sql.join(["", ...platforms].map((name) => sql`${name}`)); // a list must not be empty
  return sql`and (q.platform in (${names}) or q.created_at < ${abandonedBefore})`;
}

/** The service of a job, whichever of its models the job is for; by a key of its tenant it is one of its own. */
function serviceIn({ perProvider }: ClaimLimits): RawBuilder<string> {
  const cases = Object.keys(perProvider).map((name) => sql`when provider like ${`${name}/%`} then ${name}`);
  const service = cases.length === 0 ? sql`provider` : sql`case ${sql.join(cases, sql` `)} else provider end`;
  return sql`case payer when 'tenant' then 'own:' || tenant || ':' || ${service} else ${service} end`;
}

function capacity({ perProvider, resting = [] }: ClaimLimits): RawBuilder<number> {
  const limits = Object.entries(perProvider);
  const cases = [
    ...resting.map(({ tenant, service }) => sql`when service = ${`own:${tenant}:${service}`} then 0`),
    ...limits.map(([name, limit]) => sql`when service = ${name} then ${sql.lit(limit)}`),
    ...limits.map(([name, limit]) => sql`when service like ${`own:%:${name}`} then ${sql.lit(limit)}`),
  ];
  return cases.length === 0 ? sql`1` : sql`case ${sql.join(cases, sql` `)} else 1 end`;
}

/** Tells whether jobs wait that their tenants pay by keys of their own. */
export async function waitsOwn({ db }: Database): Promise<boolean> {
  const { rows } = await sql`select 1 from job where state = 'queued' and payer = 'tenant' limit 1`.execute(db);
  return rows.length > 0;
}
