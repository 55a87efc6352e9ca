import { type RawBuilder, sql } from "kysely";
import type { Credits } from "../request.ts";
import type { Db, Trx } from "../store/connection.ts";
import { available } from "./ledger.ts";

export interface StatementLine {
  readonly at: number;
  readonly kind: "top-up" | "grant" | "reversal" | "hold" | "spent";
  readonly amount: Credits;
  readonly job?: string;
}

/** A part of a statement, as it is read in pieces. */
export interface MovementPage {
  readonly limit: number;
  /** Only lines before this one, by the `last` of the page before. */
  readonly before?: string | undefined;
}

/** So few lines are of the newest movements; more than that, and those before, are looked for through all of them. */
const recentLines = 50;
/** Holds that are looked at for them: those that were given back make no line. */
const recentHolds = 500;

interface Row {
  readonly at: number;
  readonly kind: StatementLine["kind"];
  readonly amount: number;
  readonly job: string | null;
  readonly last: string;
}

/** Lists a member's movements, one line a job, newest first; `last` is where the next page begins. */
export async function movementsOf(
  db: Db | Trx,
  member: string,
  { limit, before }: MovementPage,
): Promise<{ readonly lines: StatementLine[]; readonly last: string | undefined }> {
  if (limit <= 0) return { lines: [], last: undefined };
  const account = available(member);
  const { rows } = await sql<Row>`
    select max(at) as at, job, cast(sum(case when credit = ${account} then amount else -amount end) as bigint) as amount,
      case when job is null then min(kind)
        when exists (select 1 from transfer c where c.job = t.job and c.kind = 'capture') then 'spent' else 'hold' end as kind,
      max(id) as last
    from ${limit <= recentLines && before === undefined ? recent(account) : all(account)} t
    group by coalesce(job, id), job
    having sum(case when credit = ${account} then amount else -amount end) <> 0
      ${before === undefined ? sql`` : sql`and max(id) < ${before}`}
    order by max(id) desc limit ${limit}`.execute(db);
  const lines = rows.map(({ job, last: _, ...line }) => ({ ...line, ...(job === null ? {} : { job }) }));
  return { lines, last: rows.length < limit ? undefined : rows.at(-1)?.last };
}

function all(account: string): RawBuilder<unknown> {
  return sql`(select * from transfer where debit = ${account} or credit = ${account})`;
}

/** The newest movements of an account, with all of each job among them. */
function recent(account: string): RawBuilder<unknown> {
  const since = sql`coalesce((select id from transfer where debit = ${account}
    order by id desc limit 1 offset ${sql.lit(recentHolds)}), '')`;
  const newest = sql`select * from transfer where credit = ${account} and id >= ${since}`;
  // By its job: SQLite would look through all that ever left the account.
  return sql`(select * from transfer where debit = ${account} and id >= ${since} union all ${newest}
    union all select * from transfer where job in (select job from (${newest}) given)
      and debit || '' = ${account} and id < ${since})`;
}
