import { sql } from "kysely";
import type { Db } from "../store/connection.ts";
import type { JobRow } from "../store/tables.ts";
import { jobFrom } from "./job.ts";

/** From when on the inputs of a job are kept, whatever became of it; unfinished jobs keep theirs. */
export interface Keeping {
  readonly inputsSince: number;
  /** Jobs made since then only; for what was not there yet when all were looked at. */
  readonly madeSince: number;
}

const pageLength = 500;
const finalStates = sql`('delivered', 'undeliverable', 'failed', 'cancelled')`;

/** Files that jobs start from: members' images, masks, and results of other jobs. */
export async function referredInputs(db: Db, { inputsSince, madeSince }: Keeping): Promise<Set<string>> {
  const files = new Set<string>();
  for (let last = ""; ; ) {
    const { rows } = await sql<JobRow>`
      select * from job where id > ${last} and erased_at is null and request like '%"references":[{%'
        and created_at >= ${madeSince}
        and (state not in ${finalStates} or coalesce(finished_at, created_at) >= ${inputsSince})
      order by id limit ${sql.lit(pageLength)}`.execute(db);
    for (const { references, mask } of rows.map((row) => jobFrom(row).request)) {
      for (const image of mask ? [...references, mask] : references) files.add(image.file);
    }
    last = rows.at(-1)?.id ?? last;
    if (rows.length < pageLength) return files;
  }
}

/** Of these results, those that their own job still has, or may get; by the ids of the calls that brought them. */
export async function keptAttempts(db: Db, attempts: readonly string[]): Promise<Set<string>> {
  if (attempts.length === 0) return new Set();
  const rows = await db
    .selectFrom("attempt")
    .innerJoin("job", "job.id", "attempt.job")
    .select("attempt.id")
    .where("attempt.id", "in", attempts)
    .where("job.erased_at", "is", null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
