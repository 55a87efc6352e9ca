import { sql } from "kysely";
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
export async function memberList(db: Db, { tenant, search, limit }: MemberQuery): Promise<MemberRow[]> {
  const there = tenant === undefined ? sql`` : sql`and tenant = ${tenant}`;
  const others =
    tenant === undefined
      ? sql`union all select substr(id, 8), '', 0, 0 from account where id like 'member:%' and id not like 'member:erased:%'`
      : sql``;
  const part = `%${search.replace(/[!%_]/g, "!$&")}%`;
  const like = (text: ReturnType<typeof sql>) =>
    sql`(lower(${text}) like ${part.toLowerCase()} escape '!' or ${text} like ${part} escape '!')`;
  const found = search === "" ? sql`` : sql`having ${like(sql`member`)} or ${like(sql`max(name)`)}`;
  const { rows } = await sql<MemberRow>`
    select member, name, charged, jobs,
      coalesce((select balance from account where id = 'member:' || who.member), 0) as available,
      coalesce((select balance from account where id = 'held:' || who.member), 0) as held
    from (
      select member, max(name) as name, sum(charged) as charged, sum(jobs) as jobs from (
        select member, name, charged, jobs from member_usage where member not like 'erased:%' ${there}
        union all select member, member_name, 0, 1 from job
        where state in ('awaiting', 'queued', 'running', 'delivering') ${there}
        ${others}) asked
      group by member ${found} order by 3 desc, 4 desc, 1 limit ${sql.lit(limit)}) who
    order by charged desc, jobs desc, member`.execute(db);
  return rows.map((row) => ({ ...row, charged: Number(row.charged), jobs: Number(row.jobs) }));
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
