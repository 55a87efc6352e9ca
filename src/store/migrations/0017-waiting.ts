import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/**
 * Keeps a short list of who waits, so that a claim looks at few rows however many jobs there are: one row for each member
 * with a queued job, and for each tenant when it was served last. Both follow from `job` by triggers: whatever statement
 * changes a job, its transaction changes them too.
 */
export const waiting = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const triggers = engine === "sqlite" ? sqliteTriggers : postgresTriggers;
    for (const statement of [...tables, ...filled, ...triggers, view]) await sql.raw(statement).execute(db);
  },
});

const tables = [
  // Of the member's first queued job (`head`), and what its claim looks at; `next`: the one after it.
  `create table waiting_member (
    member text primary key, tenant text not null, platform text not null, provider text not null,
    run_at bigint not null, created_at bigint not null, retried integer not null, head text not null, next text,
    served_at bigint not null)`,
  "create index waiting_member_order on waiting_member (tenant, retried, served_at, head)",
  "create index waiting_member_head on waiting_member (tenant, head)",
  "create table served_tenant (tenant text primary key, served_at bigint not null)",
  "create index job_tenant_served on job (tenant, started_at) where started_at is not null",
  "create index job_tenant_queued on job (tenant, member, id) where state = 'queued'",
];

const columns = "member, tenant, platform, provider, run_at, created_at, retried, head, next, served_at";

/** The rows of members whose first queued jobs are these. */
const rowsOf = (heads: string) => `
  select h.member, h.tenant, h.platform, h.provider, h.run_at, h.created_at,
    case when h.requeues > 0 then 1 else 0 end as retried, h.id as head,
    (select min(n.id) from job n where n.state = 'queued' and n.member = h.member and n.id > h.id) as next,
    coalesce((select max(s.started_at) from job s where s.member = h.member), 0) as served_at
  from job h where h.id in (${heads})`;

const headOf = (member: string) => `select min(q.id) from job q where q.state = 'queued' and q.member = ${member}`;
const allHeads = "select min(id) from job where state = 'queued' group by member";

/** One look at the end of an index, not through all jobs of the tenant: SQLite would do that for `max` with a condition. */
const servedOf = (tenant: string) =>
  `select s.tenant, s.started_at as served_at from job s where s.tenant = ${tenant} and s.started_at is not null
    order by s.started_at desc limit 1`;
const allServed = `select tenant, max(started_at) as served_at from job where started_at is not null group by tenant`;

const filled = [
  `insert into waiting_member (${columns}) ${rowsOf(allHeads)}`,
  `insert into served_tenant (tenant, served_at) ${allServed}`,
];

const started = "old.started_at is distinct from new.started_at";
const moved = "update of state, member, tenant, platform, provider, run_at, requeues, created_at, started_at on job";
const movedWhen = `old.state = 'queued' or new.state = 'queued' or old.member <> new.member or ${started}`;
const served = "update of tenant, started_at on job";
const servedWhen = `old.tenant <> new.tenant or ${started}`;

const listAnew = (...rows: string[]) => `
  delete from waiting_member where member in (${rows.map((row) => `${row}.member`).join(", ")});
  insert into waiting_member (${columns})
    ${rowsOf(rows.map((row) => `(${headOf(`${row}.member`)})`).join(", "))} on conflict (member) do nothing;`;
const serveAnew = (row: string) => `
  delete from served_tenant where tenant = ${row}.tenant;
  insert into served_tenant (tenant, served_at) ${servedOf(`${row}.tenant`)};`;

const sqliteTriggers = [
  `create trigger job_waiting_first after insert on job when new.state = 'queued' or new.started_at is not null
    begin ${listAnew("new")} end`,
  `create trigger job_waiting_then after ${moved} when ${movedWhen} begin ${listAnew("old", "new")} end`,
  `create trigger job_waiting_last after delete on job begin ${listAnew("old")} end`,
  `create trigger job_served_first after insert on job when new.started_at is not null begin ${serveAnew("new")} end`,
  `create trigger job_served_then after ${served} when ${servedWhen} begin ${serveAnew("old")} ${serveAnew("new")} end`,
  `create trigger job_served_last after delete on job when old.started_at is not null begin ${serveAnew("old")} end`,
];

/** Locks the row before it looks: what the previous holder of the lock committed is seen by the next statement only. */
const keeping = (table: string, key: string, rows: string, set: string) => `
  create function keep_${table}(who text) returns void language plpgsql set enable_seqscan = off as $$ begin
    insert into ${table} ${rows} on conflict (${key}) do update set ${key} = excluded.${key};
    if not found then perform 1 from ${table} where ${key} = who for update; end if;
    update ${table} kept set ${set} from (${rows}) fresh where kept.${key} = who;
    if not found then delete from ${table} where ${key} = who; end if;
  end $$`;

const setAll = columns
  .split(", ")
  .slice(1)
  .map((name) => `${name} = fresh.${name}`)
  .join(", ");

const calling = (name: string, call: string, key: string) => `
  create function ${name}() returns trigger language plpgsql as $$ begin
    if tg_op <> 'INSERT' then perform ${call}(old.${key}); end if;
    if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.${key} is distinct from old.${key}) then
      perform ${call}(new.${key});
    end if;
    return null; end $$`;

const deferred = (name: string, event: string, when: string, run: string) =>
  `create constraint trigger ${name} after ${event} deferrable initially deferred
    for each row when (${when}) execute function ${run}()`;

/** Deferred to the commit, as the budgets' figures are: a member's row is locked last and shortly. */
const postgresTriggers = [
  keeping("waiting_member", "member", rowsOf(headOf("who")), setAll),
  keeping("served_tenant", "tenant", servedOf("who"), "served_at = fresh.served_at"),
  calling("job_waiting", "keep_waiting_member", "member"),
  calling("job_served", "keep_served_tenant", "tenant"),
  deferred("job_waiting_first", "insert on job", "new.state = 'queued' or new.started_at is not null", "job_waiting"),
  deferred("job_waiting_then", moved, movedWhen, "job_waiting"),
  deferred("job_waiting_last", "delete on job", "true", "job_waiting"),
  deferred("job_tenant_served_first", "insert on job", "new.started_at is not null", "job_served"),
  deferred("job_tenant_served_then", served, servedWhen, "job_served"),
  deferred("job_tenant_served_last", "delete on job", "old.started_at is not null", "job_served"),
];

const told = columns
  .split(", ")
  .map((name) => `coalesce(cast(${name} as text), '-')`)
  .join(" || ' ' || ");

/** A row that only one side has, or has otherwise. */
const view = `create view v_bad_waiting as
  select subject, case when min(side) = 'list' then 'listed: ' else 'not listed: ' end || min(detail) as detail from (
    select member as subject, 'list' as side, ${told} as detail from waiting_member
    union all select member, 'job', ${told} from (${rowsOf(allHeads)}) expected
    union all select tenant, 'list', 'served at ' || served_at from served_tenant
    union all select tenant, 'job', 'served at ' || served_at from (${allServed}) expected) compared
  group by subject, detail having count(*) <> 2`;
