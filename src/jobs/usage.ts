import { type RawBuilder, sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db } from "../store/connection.ts";

const dayMs = 86_400_000;

/** Spending by one key; `spent` is what services charged, without markup. */
export interface UsageRow {
  readonly name: string;
  readonly jobs: number;
  readonly images: number;
  readonly charged: Credits;
  readonly spent: Credits;
}

export type UsageKey = "day" | "provider" | "payer" | "tenant" | "member";

/** Jobs made since the beginning of a UTC day; everywhere, or in one tenant. */
export interface UsageScope {
  readonly since: number;
  /** And before the beginning of that day. */
  readonly until?: number | undefined;
  readonly tenant?: string | undefined;
}

/** Adds up by key, those that spent most first; days by their number since 1970. Reads sums, and the jobs that have not ended. */
export async function usageBy(db: Db, key: UsageKey, scope: UsageScope, limit: number): Promise<UsageRow[]> {
  const { rows } = await sql<UsageRow>`
    select name, sum(jobs) as jobs, sum(images) as images, sum(charged) as charged, sum(spent) as spent from (
      select ${keyOfSums[key]} as name, jobs, images, charged, spent
      from ${key === "member" ? sql`member_day_usage` : sql`daily_usage`} u where ${sumsIn(scope)}
      union all select ${keyOfJobs[key]}, 1,
        case when j.state = 'delivering' then (select count(*) from artifact a where a.job = j.id) else 0 end, 0, 0
      from job j where j.state in ('awaiting', 'queued', 'running', 'delivering') and ${jobsIn(scope)}) made
    group by name order by 4 desc, 5 desc, name limit ${sql.lit(limit)}`.execute(db);
  return rows.map(({ name, jobs, images, charged, spent }) => ({
    name: String(name),
    jobs: Number(jobs),
    images: Number(images),
    charged: Number(charged),
    spent: Number(spent),
  }));
}

const keyOfSums = {
  day: sql`u.day`,
  provider: sql`u.service`,
  payer: sql`u.payer`,
  tenant: sql`u.tenant`,
  member: sql`u.member`,
};
const keyOfJobs = {
  day: sql`j.created_at / ${sql.lit(dayMs)}`,
  provider: sql`j.provider`,
  payer: sql`j.payer`,
  tenant: sql`j.tenant`,
  member: sql`j.member`,
};

function sumsIn({ since, until, tenant }: UsageScope): RawBuilder<unknown> {
  const before = until === undefined ? sql`` : sql`and u.day < ${until / dayMs}`;
  return sql`u.day >= ${since / dayMs} ${before} ${tenant === undefined ? sql`` : sql`and u.tenant = ${tenant}`}`;
}

function jobsIn({ since, until, tenant }: UsageScope): RawBuilder<unknown> {
  const before = until === undefined ? sql`` : sql`and j.created_at < ${until}`;
  return sql`j.created_at >= ${since} ${before} ${tenant === undefined ? sql`` : sql`and j.tenant = ${tenant}`}`;
}

/** Lists the tenants in which something was asked for since then: one step of an index for each, however many jobs it has. */
export async function tenantsSince(db: Db, since: number): Promise<string[]> {
  const { rows } = await sql<{ tenant: string }>`
    with recursive steps (tenant) as (
      select min(tenant) from job
      union all select (select min(j.tenant) from job j where j.tenant > steps.tenant) from steps where tenant is not null)
    select tenant from steps
    where tenant is not null and exists (select 1 from job j where j.tenant = steps.tenant and j.created_at >= ${since})
    order by tenant`.execute(db);
  return rows.map(({ tenant }) => tenant);
}

/** Names of the members of a tenant, or of all, by their keys; whoever deleted their data, or asked to, has none. */
export async function memberNames(db: Db, tenant: string | undefined): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("member_usage")
    .select(["member", (e) => e.fn.max("name").as("name")])
    .where("name", "<>", "")
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .where("member", "not in", (e) => e.selectFrom("leaving_member").select("member"))
    .groupBy("member")
    .execute();
  return new Map(rows.map(({ member, name }) => [member, name]));
}
