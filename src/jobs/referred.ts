import { type RawBuilder, sql } from "kysely";
import type { Db } from "../store/connection.ts";

const pageLength = 500;

/** Selects the images that a job, an open confirmation, a style, a visit or a name needs; a job that ended before `inputsSince` needs none. */
export async function neededInputs(
  db: Db,
  files: readonly string[],
  { inputsSince }: { readonly inputsSince: number },
): Promise<Set<string>> {
  if (files.length === 0) return new Set();
  const { rows } = await sql<{ file: string }>`
    select i.file from job_input i join job j on j.id = i.job
    where i.file in (${sql.join(files)}) and ${ofEndedSince(inputsSince)}
    union select file from confirmation_input where file in (${sql.join(files)})
    union select file from style_input where file in (${sql.join(files)})
    union select file from visit_input where file in (${sql.join(files)})
    union select file from named_reference where file in (${sql.join(files)})`.execute(db);
  return new Set(rows.map(({ file }) => file));
}

/** All inputs that something starts from, some at a time, in the order of their names. */
export async function* allInputs(db: Db): AsyncGenerator<readonly string[]> {
  for (let last = ""; ; ) {
    const { rows } = await sql<{ file: string }>`
      select file from job_input where file > ${last}
      union select file from confirmation_input where file > ${last}
      union select file from style_input where file > ${last}
      union select file from visit_input where file > ${last}
      union select file from named_reference where file > ${last}
      order by file limit ${sql.lit(pageLength)}`.execute(db);
    if (rows.length > 0) yield rows.map(({ file }) => file);
    last = rows.at(-1)?.file ?? last;
    if (rows.length < pageLength) return;
  }
}

/** Jobs `j` that have not ended, or not before then. */
export function ofEndedSince(inputsSince: number): RawBuilder<unknown> {
  return sql`(j.state not in ('delivered', 'undeliverable', 'failed', 'cancelled')
    or coalesce(j.finished_at, j.created_at) >= ${inputsSince})`;
}

/** Selects the calls whose results their job still has, or may get. */
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
