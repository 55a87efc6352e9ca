import { type RawBuilder, sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db, Engine } from "../store/connection.ts";
import type { Database } from "../store/database.ts";

const dayMs = 86_400_000;

/** Spending by one key; `spent` is what services charged, without markup. */
export interface UsageRow {
  readonly name: string;
  readonly jobs: number;
  readonly images: number;
  readonly charged: Credits;
  readonly spent: Credits;
}

const usageKeys = ["day", "provider", "payer", "tenant"] as const;
type UsageKey = (typeof usageKeys)[number];

/** Jobs made since the beginning of a UTC day; everywhere, or in one tenant. */
export interface UsageScope {
  readonly since: number;
  /** And before the beginning of that day. */
  readonly until?: number | undefined;
  readonly tenant?: string | undefined;
}

type Reports = Pick<Database, "reports" | "engine">;

/** So many lines are enough when it would take a look at everybody to be certain of the next one. */
const enoughMembers = 100;

/**
 * Adds up by member, those who spent most first: `limit` of them, or those of whom it is certain that nobody else spent more.
 * Reads sums, and the jobs that have not ended. Nobody used more since a day than ever: so of all members everywhere, those
 * who ever used most are looked at first.
 */
export async function usageByMember(database: Reports, scope: UsageScope, limit: number): Promise<UsageRow[]> {
  if (scope.tenant !== undefined) return addUpMembers(database, scope, { limit });
  const looked = 2 * limit;
  const last = await database.reports
    .selectFrom("member_total")
    .select(["member as name", "charged", "jobs"])
    .orderBy("charged", "desc")
    .orderBy("jobs", "desc")
    .orderBy("member")
    .offset(looked - 1)
    .limit(1)
    .executeTakeFirst();
  if (!last) return addUpMembers(database, scope, { limit });
  const most = await addUpMembers(database, scope, { limit, looked });
  const certain = most.filter((line) => !usedMore(last, line));
  return certain.length >= Math.min(limit, enoughMembers) ? certain : addUpMembers(database, scope, { limit });
}

type Used = Pick<UsageRow, "name" | "charged" | "jobs">;

function usedMore(one: Used, other: Used): boolean {
  if (one.charged !== other.charged) return one.charged > other.charged;
  return one.jobs === other.jobs ? one.name < other.name : one.jobs > other.jobs;
}

interface Lines {
  readonly limit: number;
  /** Only so many members who ever used most, and those who wait for something. */
  readonly looked?: number;
}

/** Adds up by each other key, those that spent most first; days by their number since 1970. One look at the sums serves all. */
export async function usageBy(
  db: Db,
  scope: UsageScope,
  limit: number,
): Promise<Readonly<Record<UsageKey, readonly UsageRow[]>>> {
  const parts = usageKeys.map((key) => {
    const name = sql.ref(key);
    return sql`select ${sql.lit(key)} as by_key, cast(${name} as text) as name, ${sums} from made group by ${name}`;
  });
  const { rows } = await sql<UsageRow & { by_key: UsageKey }>`
    with made as materialized (
      select u.day, u.service as provider, u.payer, u.tenant, jobs, images, charged, spent
      from daily_usage u where ${sumsIn(scope)}
      union all select j.created_at / ${sql.lit(dayMs)}, j.provider, j.payer, j.tenant, 1, ${imagesUnderWay}, 0, 0
      from job j where ${isUnderWay} and ${jobsIn(scope)}
    ) ${sql.join(parts, sql` union all `)}`.execute(db);
  const by = (key: UsageKey) => rows.filter(({ by_key }) => by_key === key).map(rowOf);
  const most = (key: UsageKey) => by(key).sort(bySpending).slice(0, limit);
  return { day: most("day"), provider: most("provider"), payer: most("payer"), tenant: most("tenant") };
}

const sums = sql`sum(jobs) as jobs, sum(images) as images, sum(charged) as charged, sum(spent) as spent`;

function bySpending(a: UsageRow, b: UsageRow): number {
  return b.charged - a.charged || b.spent - a.spent || (a.name < b.name ? -1 : 1);
}

const isUnderWay = sql`j.state in ('awaiting', 'queued', 'running', 'delivering')`;
const imagesUnderWay = sql`case when j.state = 'delivering' then (select count(*) from artifact a where a.job = j.id) else 0 end`;

function rowOf({ name, jobs, images, charged, spent }: UsageRow): UsageRow {
  return {
    name: String(name),
    jobs: Number(jobs),
    images: Number(images),
    charged: Number(charged),
    spent: Number(spent),
  };
}

async function addUpMembers(
  { reports, engine }: Reports,
  scope: UsageScope,
  { limit, looked }: Lines,
): Promise<UsageRow[]> {
  const days = sql`select u.member as name, jobs, images, charged, spent from member_day_usage u where ${sumsIn(scope)}`;
  const ended = looked === undefined ? days : among[engine](days, membersWhoUsedMost(looked));
  const { rows } = await sql<UsageRow>`
    select name, ${sums} from (
      ${ended}
      union all select j.member, 1, ${imagesUnderWay}, 0, 0 from job j where ${isUnderWay} and ${jobsIn(scope)}) made
    group by name order by 4 desc, 2 desc, name limit ${sql.lit(limit)}`.execute(reports);
  return rows.map(rowOf);
}

/** Only the days of these members. PostgreSQL would rather read everybody's than look some up, unless it is told how. */
const among: Readonly<
  Record<Engine, (days: RawBuilder<unknown>, members: RawBuilder<unknown>) => RawBuilder<unknown>>
> = {
  sqlite: (days, members) => sql`${days} and u.member in (${members})`,
  postgres: (days, members) => sql`
    select own.* from (${members}) chosen cross join lateral (${days} and u.member = chosen.member offset 0) own`,
};

function membersWhoUsedMost(count: number): RawBuilder<unknown> {
  return sql`
    select member from (
      select member from member_total order by charged desc, jobs desc, member limit ${sql.lit(count)}) most
    union select member from job where state in ('awaiting', 'queued', 'running', 'delivering')`;
}

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
  const of = tenant === undefined ? sql`member_total where true` : sql`member_usage where tenant = ${tenant}`;
  const { rows } = await sql<{ member: string; name: string }>`
    select member, name from ${of} and name <> '' and member not in (select member from leaving_member)`.execute(db);
  return new Map(rows.map(({ member, name }) => [member, name]));
}
