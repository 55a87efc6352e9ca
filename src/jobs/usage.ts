import { type RawBuilder, sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";

const dayMs = 86_400_000;

/** Spending by one key; `spent` is what services charged, without markup. */
export interface UsageRow {
  readonly name: string;
  readonly jobs: number;
  readonly images: number;
  readonly charged: Credits;
  readonly spent: Credits;
}

export type UsageKey = "day" | "provider" | "member" | "tenant";

/** Jobs made since then; everywhere, or in one tenant. */
export interface UsageScope {
  readonly since: number;
  /** And before then. */
  readonly until?: number | undefined;
  readonly tenant?: string | undefined;
}

/**
 * By key, those that spent most first; days by their number since 1970. An erased job has no images any more; then those
 * count that were asked for and paid.
 */
export async function usageBy(db: Db, key: UsageKey, scope: UsageScope, limit: number): Promise<UsageRow[]> {
  const { rows } = await sql<UsageRow>`
    select name, sum(jobs) as jobs, sum(images) as images, sum(charged) as charged, sum(spent) as spent from (
      select ${columnOf(key, sql`j.provider`)} as name, 1 as jobs,
        case when j.erased_at is null then (select count(*) from artifact a where a.job = j.id)
          else (select coalesce(sum(t.asked), 0) from attempt t where t.job = j.id and t.outcome = 'success') end as images,
        case when j.state = 'delivered' then coalesce(j.charged, 0) else 0 end as charged, 0 as spent
      from job j where ${inScope(scope)}
      union all select ${columnOf(key, sql`substr(m.credit, 10)`)}, 0, 0, 0, m.amount
      from job j join transfer m on m.job = j.id and m.kind in ('spend', 'billed') where ${inScope(scope)}) made
    group by name order by 4 desc, 5 desc, name limit ${sql.lit(limit)}`.execute(db);
  return rows.map(({ name, jobs, images, charged, spent }) => ({
    name: String(name),
    jobs: Number(jobs),
    images: Number(images),
    charged: Number(charged),
    spent: Number(spent),
  }));
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

/** Names of members by their keys, as their jobs have them; whoever deleted their data, or asked to, has none. */
export async function memberNames(db: Db, scope: UsageScope): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ member: string; name: string }>`
    select j.member, max(j.member_name) as name from job j
    where ${inScope(scope)} and j.member_name <> ''
      and not exists (select 1 from leaving_member l where l.member = j.member)
    group by j.member`.execute(db);
  return new Map(rows.map(({ member, name }) => [member, name]));
}

function columnOf(key: UsageKey, provider: RawBuilder<unknown>): RawBuilder<unknown> {
  if (key === "provider") return provider;
  return { day: sql`j.created_at / ${sql.lit(dayMs)}`, member: sql`j.member`, tenant: sql`j.tenant` }[key];
}

function inScope({ since, until, tenant }: UsageScope): RawBuilder<unknown> {
  const before = until === undefined ? sql`` : sql`and j.created_at < ${until}`;
  return sql`j.created_at >= ${since} ${before} ${tenant === undefined ? sql`` : sql`and j.tenant = ${tenant}`}`;
}

/** The credits that count against the budget of a tenant, or of everybody. */
export async function spentSince(db: Db | Trx, tenant: string | undefined, since: number): Promise<Credits> {
  const row = await db
    .selectFrom("daily_spending")
    .select((e) => e.fn.sum("amount").as("amount"))
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .where("day", ">=", Math.floor(since / dayMs))
    .executeTakeFirst();
  return Number(row?.amount ?? 0);
}
