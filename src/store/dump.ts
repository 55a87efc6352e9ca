import { type Kysely, sql } from "kysely";
import type { Engine, Reading, Trx } from "./connection.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Part of a table. */
export interface Page {
  readonly table: string;
  readonly rows: readonly Row[];
}

type Row = Readonly<Record<string, unknown>>;
/** Names of tables are data here. */
type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

/** By what each table is sorted; in an order in which rows find those that they refer to. `daily_spending` follows from the jobs, and `member_total` from `member_usage`. A table without a line here does not compile. */
const keyOf: { readonly [Table in Exclude<keyof Tables, "daily_spending" | "member_total">]: readonly string[] } = {
  account: ["id"],
  transfer: ["id"],
  job: ["id"],
  attempt: ["id"],
  artifact: ["job", "idx"],
  delivery: ["job"],
  approval: ["job"],
  channel_message: ["id"],
  service_outage: ["service"],
  callback: ["id"],
  job_input: ["job", "file"],
  confirmation: ["id"],
  confirmation_input: ["confirmation", "file"],
  setting: ["id"],
  audit_entry: ["id"],
  posted_message: ["message"],
  leaving_member: ["member"],
  removed_tenant: ["tenant"],
  task_lease: ["task"],
  installation: ["id"],
  secret: ["name"],
  intake: ["id"],
  outside_grant: ["key"],
  style: ["owner", "folded_name"],
  style_input: ["owner", "folded_name", "file"],
  style_default: ["owner", "channel"],
  visit: ["id"],
  visit_input: ["visit", "file"],
  workflow_step: ["id"],
  named_reference: ["owner", "tenant", "folded_name"],
  tenant_key: ["id"],
  daily_usage: ["tenant", "day", "service", "payer", "part"],
  member_day_usage: ["tenant", "day", "member"],
  member_usage: ["tenant", "member"],
};

/** Tables of earlier versions: a backup is restored in the shape that it was made of, and migrated then. */
const earlierTables: readonly string[] = ["deed", "posted"];

const keys: Readonly<Record<string, readonly string[]>> = keyOf;

const pageLength = 500;

/** All that the database holds at one moment, whoever changes it meanwhile; the same on both engines. */
export async function dump(reading: Reading, take: (page: Page) => Promise<void>): Promise<void> {
  const plain = reading.db.transaction();
  // The embedded engine gives a transaction one moment by itself.
  const atOneMoment =
    reading.engine === "sqlite" ? plain : plain.setIsolationLevel("repeatable read").setAccessMode("read only");
  await atOneMoment.execute(async (trx) => {
    for (const table of Object.keys(keys)) {
      for await (const rows of pagesOf(trx as unknown as AnyTables, table)) await take({ table, rows });
    }
  });
}

async function* pagesOf(db: AnyTables, table: string): AsyncIterable<Row[]> {
  const by = keys[table] ?? [];
  const columns = sql.join(by.map((name) => sql.ref(name)));
  for (let last: Row | undefined; ; ) {
    const after = last === undefined ? sql`true` : sql`(${columns}) > (${sql.join(by.map((name) => last?.[name]))})`;
    const { rows } = await sql<Row>`
      select * from ${sql.table(table)} where ${after} order by ${columns} limit ${sql.lit(pageLength)}`.execute(db);
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
    if (rows.length < pageLength) return;
  }
}

/**
 * To be called once before `fill`. The sums of what was used are rows of the dump: PostgreSQL must not add each transfer to
 * them at the end, when its job is there too.
 */
export async function startFilling(trx: Trx, engine: Engine): Promise<void> {
  if (engine === "postgres") await sql`set constraints all immediate`.execute(trx);
}

/** Puts rows of `dump` into an empty database. A job's parent may come after it: `linkParents` is to be called at the end. */
export async function fill(trx: Trx, { table, rows }: Page, parents: Map<string, string>): Promise<void> {
  if (!(table in keys || earlierTables.includes(table))) throw new Error(`there is no table ${JSON.stringify(table)}`);
  const orphans = table === "job" ? rows.map((row) => withoutParent(row, parents)) : rows;
  if (orphans.length > 0)
    await (trx as unknown as AnyTables)
      .insertInto(table)
      .values([...orphans])
      .execute();
}

function withoutParent(row: Row, parents: Map<string, string>): Row {
  if (typeof row.parent === "string") parents.set(String(row.id), row.parent);
  return { ...row, parent: null };
}

export async function linkParents(trx: Trx, parents: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, parent] of parents) await trx.updateTable("job").set({ parent }).where("id", "=", id).execute();
}

/** Tells whether nothing was ever written into a database. */
export async function isEmpty({ db }: Pick<Database, "db">): Promise<boolean> {
  const tables = (await db.introspection.getTables()).map(({ name }) => name); // an older shape has fewer
  for (const table of Object.keys(keys).filter((name) => tables.includes(name))) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
    if (rows.length > 0) return false;
  }
  return true;
}
