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
  readonly tenant?: string | undefined;
}

/** By key, those that spent most first; days by their number since 1970. */
export async function usageBy(db: Db, key: UsageKey, scope: UsageScope): Promise<UsageRow[]> {
  const lines = new Map<string, UsageRow>();
  const made = await jobsBy(db, key, scope);
  for (const row of made) lines.set(String(row.name), { ...numbers(row), spent: 0 });
  for (const { name, spent } of await spentBy(db, key, scope)) {
    const line = lines.get(String(name)) ?? { name: String(name), jobs: 0, images: 0, charged: 0 };
    lines.set(String(name), { ...line, spent: Number(spent) });
  }
  return [...lines.values()].sort((a, b) => b.charged - a.charged || b.spent - a.spent || (a.name < b.name ? -1 : 1));
}

function numbers({ name, jobs, images, charged }: Omit<UsageRow, "spent">): Omit<UsageRow, "spent"> {
  return { name: String(name), jobs: Number(jobs), images: Number(images), charged: Number(charged) };
}

/** An erased job has no images any more; then those count that were asked for and paid. */
async function jobsBy(db: Db, key: UsageKey, scope: UsageScope): Promise<Omit<UsageRow, "spent">[]> {
  const { rows } = await sql<Omit<UsageRow, "spent">>`
    select name, count(*) as jobs, coalesce(sum(images), 0) as images, coalesce(sum(charged), 0) as charged from (
      select ${columnOf(key, sql`j.provider`)} as name,
        case when j.state = 'delivered' then coalesce(j.charged, 0) else 0 end as charged,
        case when j.erased_at is null then (select count(*) from artifact a where a.job = j.id)
          else (select coalesce(sum(t.asked), 0) from attempt t where t.job = j.id and t.outcome = 'success') end as images
      from job j where ${inScope(scope)}) made
    group by name`.execute(db);
  return rows;
}

async function spentBy(db: Db, key: UsageKey, scope: UsageScope): Promise<{ name: string; spent: Credits }[]> {
  const { rows } = await sql<{ name: string; spent: Credits }>`
    select ${columnOf(key, sql`substr(m.credit, 10)`)} as name, sum(m.amount) as spent
    from job j join transfer m on m.job = j.id and m.kind in ('spend', 'billed')
    where ${inScope(scope)} group by 1`.execute(db);
  return rows;
}

function columnOf(key: UsageKey, provider: RawBuilder<unknown>): RawBuilder<unknown> {
  if (key === "provider") return provider;
  return { day: sql`j.created_at / ${sql.lit(dayMs)}`, member: sql`j.member`, tenant: sql`j.tenant` }[key];
}

function inScope({ since, tenant }: UsageScope): RawBuilder<unknown> {
  return sql`j.created_at >= ${since} ${tenant === undefined ? sql`` : sql`and j.tenant = ${tenant}`}`;
}

/** The credits that count against the budget of a tenant. */
export async function spentSince(db: Db | Trx, tenant: string, since: number): Promise<Credits> {
  const row = await db
    .selectFrom("daily_spending")
    .select((e) => e.fn.sum("amount").as("amount"))
    .where("tenant", "=", tenant)
    .where("day", ">=", Math.floor(since / dayMs))
    .executeTakeFirst();
  return Number(row?.amount ?? 0);
}
