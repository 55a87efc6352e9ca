import { type RawBuilder, sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db } from "../store/connection.ts";
import type { JobState } from "../store/tables.ts";
import { type Job, jobFrom } from "./job.ts";

/** A member, as its jobs and its account have it. */
export interface MemberRow {
  readonly member: string;
  readonly name: string;
  readonly available: Credits;
  readonly held: Credits;
  readonly charged: Credits;
  readonly jobs: number;
}

export interface MemberQuery {
  /** Only members who asked for something there; undefined: all, also those who were only given credits. */
  readonly tenant: string | undefined;
  /** Part of the key or of the name. */
  readonly search: string;
  readonly limit: number;
}

/** Lists members, those who spent most first; members who are forgotten are not there. Reads sums, and the jobs that have not ended. */
export async function memberList(db: Db, query: MemberQuery): Promise<MemberRow[]> {
  const { tenant, limit } = query;
  const there = tenant === undefined ? sql`` : sql`and tenant = ${tenant}`;
  const sums = tenant === undefined ? sql`member_total` : sql`member_usage`;
  const { rows } = await sql<MemberRow>`
    with busy as materialized (
      select member, max(member_name) as name, count(*) as jobs from job
      where state in ('awaiting', 'queued', 'running', 'delivering') ${there} group by member
    ), most as materialized (
      select member, name, charged, jobs from ${sums}
      where member not like 'erased:%' ${there} ${sought(query)}
      order by charged desc, jobs desc, member limit ${sql.lit(limit)}
    ), listed as (
      select * from most
      union select member, name, charged, jobs from ${sums}
        where member in (select member from busy) ${there} ${sought(query)}
      union all select member, name, 0, 0 from busy
        where member not in (select member from ${sums} where member in (select member from busy) ${there})
          ${sought(query)}
      ${tenant === undefined ? withoutJobs(query) : sql``}
    )
    select member, name, charged, jobs + coalesce((select jobs from busy where busy.member = listed.member), 0) as jobs,
      coalesce((select balance from account where id = 'member:' || listed.member), 0) as available,
      coalesce((select balance from account where id = 'held:' || listed.member), 0) as held
    from listed order by charged desc, jobs desc, member limit ${sql.lit(limit)}`.execute(db);
  return rows.map((row) => ({ ...row, charged: Number(row.charged), jobs: Number(row.jobs) }));
}

/** Members who were only given credits come last, and are looked for only where there is room for them. */
function withoutJobs(query: MemberQuery): RawBuilder<unknown> {
  const limit = sql.lit(query.limit);
  return sql`
    union all select * from (
      select member, '', 0, 0 from (
        select substr(id, 8) as member, '' as name from account where id like 'member:%' and id not like 'member:erased:%') given
      where (select count(*) from most) < ${limit} ${sought(query)}
        and not exists (select 1 from member_total total where total.member = given.member)
        and member not in (select member from busy)
      order by member limit ${limit}) others`;
}

/** A condition on the key and the name of a member: either has the searched part, in whatever case. */
function sought({ search }: MemberQuery): RawBuilder<unknown> {
  if (search === "") return sql``;
  const part = `%${search.replace(/[!%_]/g, "!$&")}%`;
  const has = (text: RawBuilder<unknown>) =>
    sql`(lower(${text}) like ${part.toLowerCase()} escape '!' or ${text} like ${part} escape '!')`;
  return sql`and (${has(sql`member`)} or ${has(sql`name`)})`;
}

export interface JobList {
  readonly tenant: string | undefined;
  readonly state?: JobState | undefined;
  readonly member?: string | undefined;
  readonly provider?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Lists the jobs of everybody, newest first. */
export async function listJobs(db: Db, list: JobList): Promise<Job[]> {
  const { tenant, state, member, provider, before, limit } = list;
  const rows = await db
    .selectFrom("job")
    .selectAll()
    .$if(tenant !== undefined, (query) => query.where("tenant", "=", tenant ?? ""))
    .$if(state !== undefined, (query) => query.where("state", "=", state ?? "queued"))
    .$if(member !== undefined, (query) => query.where("member", "=", member ?? ""))
    .$if(provider !== undefined, (query) =>
      query.where((e) => e.or([e("provider", "=", provider ?? ""), e("provider", "like", `${provider}/%`)])),
    )
    .$if(before !== undefined, (query) => query.where("id", "<", before ?? ""))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(jobFrom);
}
