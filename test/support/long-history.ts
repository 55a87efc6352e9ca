import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";
import { allSums, firstSums } from "../../src/store/migrations/0028-usage.ts";

/** How much happened before, over the last 30 days. */
export interface LongHistory {
  readonly jobs: number;
  /** The end of it; milliseconds since 1970. */
  readonly now: number;
  /** 30,000 unless given. */
  readonly members?: number;
}

/** Who asked for one job in fifteen. */
export const busiestMember = "discord:1";

/** One of the tenants, and one of the jobs, of `busiestMember`. */
export const busiestTenant = "discord:guild:15";
export const firstOfBusiest = `j${"15".padStart(21, "0")}`;

const dayMs = 86_400_000;
const tenants = 300;
const auditEntries = 10_000;
const price = 41;

const id = (letter: string) => sql.raw(`'${letter}' || substr('${"0".repeat(21)}' || n, length('' || n) + 1)`);
/** The others by a number that looks like chance, so that some ask for twice as much as most, and some for little. */
function memberOf(members: number): RawBuilder<unknown> {
  const chance = `(cast(n as bigint) * n) % 1000003 % ${members}`;
  return sql.raw(`'discord:' || case when n % 15 = 0 then 1 else 2 + ${chance} end`);
}

/** Fills an empty database with jobs that were delivered, some that failed or are unknown, and what belongs to them. */
export async function fillHistory(
  { db, engine }: Database,
  { jobs, now, members = 30_000 }: LongHistory,
): Promise<void> {
  const start = now - 30 * dayMs;
  const member = memberOf(members);
  const at = sql`(${sql.lit(start)} + cast(n as bigint) * ${sql.lit(Math.floor((30 * dayMs) / jobs))})`;
  const each = (count: number, rows: RawBuilder<unknown>) => inPieces(db, count, rows);
  await sql`insert into account (id, balance) values ('ops:issued', 0), ('ops:revenue', 0), ('ops:spent:service', 0),
    ('ops:provider:service', 0) on conflict (id) do nothing`.execute(db);
  await each(members + 1, sql`insert into account (id, balance) select 'member:discord:' || n, 1000 from numbers`);
  await each(members + 1, sql`insert into account (id, balance) select 'held:discord:' || n, 0 from numbers`);
  await each(jobs, jobRows(at, member));
  await each(
    jobs,
    sql`insert into attempt (id, job, n, provider, asked, phase, outcome, created_at, sent_at, ended_at)
        select ${id("a")}, ${id("j")}, 1, 'service', 1, 'ended', ${outcome}, ${at}, ${at}, ${at} + 20000 from numbers`,
  );
  await each(
    jobs,
    sql`insert into artifact (job, idx, attempt, file, sha256, format, width, height, bytes)
        select ${id("j")}, 0, ${id("a")}, 'results/' || ${id("a")} || '-0', '', 'png', 1024, 1024, 1500000
        from numbers where n % 50 <> 0`,
  );
  await each(
    jobs,
    sql`insert into delivery (job, phase, fence, due_at, tries, route, message, confirmed_at)
        select ${id("j")}, 'confirmed', 1, ${at}, 1, 'channel', 'discord:' || n, ${at} from numbers`,
  );
  await each(jobs, sql`insert into posted_message (message, job) select 'discord:' || n, ${id("j")} from numbers`);
  for (const transfer of transferRows(at, member)) await each(jobs, transfer);
  for (const statement of [...allSums.map(({ table }) => `delete from ${table}`), ...firstSums])
    await sql.raw(statement).execute(db);
  // Counted up a million times within minutes: their tables hold little but old versions of rows.
  for (const { table } of engine === "postgres" ? allSums : []) await sql.raw(`vacuum full ${table}`).execute(db);
  await each(
    auditEntries,
    sql`insert into audit_entry (id, at, operator, name, tenant, subject, facts)
        select ${id("e")}, ${at}, 'discord:9', 'grant', 'discord:guild:' || (n % ${sql.lit(tenants)}), ${member},
          '{"amount":1000,"member":"somebody","note":"for good pictures"}' from numbers`,
  );
}

/** Rows in one transaction: PostgreSQL walks through all versions that a row got in its own. */
const piece = 5000;

async function inPieces(db: Db, count: number, rows: RawBuilder<unknown>): Promise<void> {
  for (let from = 1; from <= count; from += piece) {
    const to = Math.min(count, from + piece - 1);
    const numbers = sql`select ${sql.lit(from)} union all select n + 1 from numbers where n < ${sql.lit(to)}`;
    await sql`with recursive numbers (n) as (${numbers}) ${rows}`.execute(db);
  }
}

const outcome = sql.raw("case when n % 1000 = 0 then 'unknown' when n % 50 = 0 then 'failed' else 'success' end");

function transferRows(at: RawBuilder<unknown>, member: RawBuilder<unknown>): RawBuilder<unknown>[] {
  const row = (letter: string, kind: string, debit: RawBuilder<unknown>, credit: RawBuilder<unknown>) =>
    sql`insert into transfer (id, debit, credit, amount, kind, job, at, idem)
      select ${id(letter)}, ${debit}, ${credit}, ${sql.lit(price)}, ${sql.lit(kind)}, ${id("j")}, ${at},
        ${sql.lit(kind)} || ':' || ${id("j")} from numbers`;
  return [
    row("t1", "hold", sql`'member:' || ${member}`, sql`'held:' || ${member}`),
    row("t2", "capture", sql`'held:' || ${member}`, sql`'ops:revenue'`),
    row("t3", "spend", sql`'ops:spent:service'`, sql`'ops:provider:service'`),
  ];
}

function jobRows(at: RawBuilder<unknown>, member: RawBuilder<unknown>): RawBuilder<unknown> {
  const prompt =
    "a red bicycle that leans on a wall of old bricks in the evening sun, seen from below, with long shadows";
  const request = JSON.stringify({
    ...{ prompt, references: [], size: { width: 1024, height: 1024 }, quality: "medium", count: 1, format: "png" },
    ...{ background: "auto", fidelity: "low", moderation: "auto", private: false },
  });
  return sql`
    insert into job (id, inbound, platform, tenant, member, member_name, locale, reply_target, state, fence, run_at,
      request, quality, image_count, prompt_folded, changes, provider, tier, unit, held, charged, created_at, started_at,
      finished_at)
    select ${id("j")}, 'event:' || n, 'discord', 'discord:guild:' || (n % ${sql.lit(tenants)}), ${member}, 'Somebody ' || (n % 100),
      'en', '{}', case when n % 50 = 0 then 'failed' else 'delivered' end, 1, ${at}, ${sql.lit(request)}, 'medium', 1,
      ${sql.lit(prompt)}, '[]', 'service', '1K', ${sql.lit(price)}, ${sql.lit(price)},
      case when n % 50 = 0 then null else ${sql.lit(price)} end, ${at}, ${at}, ${at} + 20000
    from numbers`;
}
