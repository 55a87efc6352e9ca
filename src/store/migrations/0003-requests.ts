import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Engine } from "../connection.ts";

/** As much of a stored request as becomes columns. */
interface StoredRequest {
  readonly prompt: string;
  readonly quality?: string;
  readonly count?: number;
  readonly references?: readonly { readonly file: string }[];
  readonly mask?: { readonly file: string };
}

interface Row {
  readonly id: string;
  readonly request: string;
  readonly erased_at: number | null;
}

const pageLength = 500;

/** Fills the columns and the inputs of all jobs from their requests, some at a time. */
export async function describeRequests(db: Kysely<unknown>, engine: Engine): Promise<void> {
  for (let last = ""; ; ) {
    const { rows } = await sql<Row>`
      select id, request, erased_at from job where id > ${last} order by id limit ${sql.lit(pageLength)}`.execute(db);
    if (rows.length === 0) return;
    await describe(db, engine, rows);
    last = rows.at(-1)?.id ?? last;
  }
}

async function describe(db: Kysely<unknown>, engine: Engine, rows: readonly Row[]): Promise<void> {
  const described = rows.map((row) => ({ ...row, ...(JSON.parse(row.request) as Partial<StoredRequest>) }));
  const number = engine === "postgres" ? (value: RawBuilder<unknown>) => sql`cast(${value} as integer)` : undefined;
  const values = described.map(({ id, quality = "auto", count = 1, prompt = "" }) => {
    const counted = number ? number(sql`${count}`) : sql`${count}`;
    return sql`(${id}, ${quality}, ${counted}, ${prompt.toUpperCase().toLowerCase()})`;
  });
  await sql`
    with described (id, quality, image_count, prompt_folded) as (values ${sql.join(values)})
    update job set quality = described.quality, image_count = described.image_count,
      prompt_folded = described.prompt_folded
    from described where described.id = job.id`.execute(db);
  const inputs = described.flatMap(({ id, references = [], mask }) => {
    const files = new Set([...references, ...(mask ? [mask] : [])].map(({ file }) => file));
    return [...files].map((file) => sql`(${id}, ${file})`);
  });
  if (inputs.length > 0) await sql`insert into job_input (job, file) values ${sql.join(inputs)}`.execute(db);
}
