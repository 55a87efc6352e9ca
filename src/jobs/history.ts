import { sql } from "kysely";
import type { Db } from "../store/connection.ts";
import type { JobRow } from "../store/tables.ts";
import { foldCase, type Job, jobFrom } from "./job.ts";

export interface Search {
  readonly limit: number;
  /** All of them are in the prompt, in any order and case. */
  readonly words: readonly string[];
  /** Only jobs made before this one. */
  readonly before?: string | undefined;
  /** Only those that were made there. */
  readonly tenant?: string | undefined;
  /** Only the first part that is found of each batch. */
  readonly batchesAsOne?: boolean;
}

/** A member's jobs, newest first; those whose content was deleted are left out. */
export async function searchJobs(
  db: Db,
  member: string,
  { limit, words, before, tenant, batchesAsOne }: Search,
): Promise<Job[]> {
  const found = (table: string) =>
    sql.join(
      words.map((word) => sql` and ${sql.ref(`${table}.prompt_folded`)} like ${patternOf(word)} escape '!'`),
      sql``,
    );
  const isFirst = sql` and (batch is null or id = (
    select min(part.id) from job part where part.batch = job.batch and part.erased_at is null ${found("part")}))`;
  const { rows } = await sql<JobRow>`
    select * from job where member = ${member} and erased_at is null
    ${tenant === undefined ? sql`` : sql` and tenant = ${tenant}`}
    ${before === undefined ? sql`` : sql` and id < ${before}`} ${found("job")} ${batchesAsOne ? isFirst : sql``}
    order by id desc limit ${limit}`.execute(db);
  return rows.map(jobFrom);
}

/** Anywhere in the prompt, whatever its case. */
function patternOf(word: string): string {
  return `%${foldCase(word).replace(/[!%_]/g, "!$&")}%`;
}
