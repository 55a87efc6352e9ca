import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/**
 * Keeps sums of what was used: for each tenant, UTC day, service and payer; for each member of a tenant on a day; and for
 * each member of a tenant. Adding up a million jobs took a minute. A job is in them once it has ended, and what services
 * charged for it at once; kept by triggers. Jobs that have not ended are few, and are counted where they are asked for.
 */
export const usage = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...firstSums, ...triggers(engine), view]) await sql.raw(statement).execute(db);
  },
});

const counts = ["jobs", "images", "charged", "spent"];
const countColumns = counts.map((name) => `${name} bigint not null`).join(", ");

const tables = [
  `create table daily_usage (tenant text not null, day bigint not null, service text not null, payer text not null,
    part integer not null, ${countColumns}, primary key (tenant, day, service, payer, part))`,
  "create index daily_usage_day on daily_usage (day)",
  `create table member_day_usage (tenant text not null, day bigint not null, member text not null, ${countColumns},
    primary key (tenant, day, member))`,
  "create index member_day_usage_day on member_day_usage (day)",
  // The name is the last one that a job of theirs still has.
  `create table member_usage (tenant text not null, member text not null, name text not null default '', jobs bigint not null,
    charged bigint not null, primary key (tenant, member))`,
  "create index member_usage_member on member_usage (member)",
];

const dayOf = (row: string) => `${row}.created_at / 86400000`;
const ended = (row: string) => `(${row}.state in ('delivered', 'undeliverable', 'failed', 'cancelled'))`;
const endedAs = (row: string) => `(case when ${ended(row)} then 1 else 0 end)`;
const hasImages = (row: string) => `${row}.state in ('delivered', 'undeliverable')`;
const paid = (row: string) => `(case when ${row}.state = 'delivered' then coalesce(${row}.charged, 0) else 0 end)`;

/** An erased job has no images any more: those that were asked for and made stand for them. */
const images = (row: string) => `(case when not ${hasImages(row)} then 0
  when ${row}.erased_at is null then (select count(*) from artifact a where a.job = ${row}.id)
  else (select coalesce(sum(t.asked), 0) from attempt t where t.job = ${row}.id and t.outcome = 'success') end)`;

/** One of the tables, and what it should hold of jobs `j` that a condition names. */
export interface Sums {
  readonly table: string;
  readonly key: readonly string[];
  readonly counts: readonly string[];
  of(condition: string): string;
}

function addedUp(table: string, key: readonly string[]): Sums {
  const of = (condition: string) => `
    select ${key.join(", ")}, ${counts.map((name) => `sum(${name}) as ${name}`).join(", ")}
    from (
      select j.tenant, ${dayOf("j")} as day, j.member, j.provider as service, j.payer, 0 as part, 1 as jobs,
        ${images("j")} as images, ${paid("j")} as charged, 0 as spent
      from job j where ${ended("j")} and ${condition}
      union all select j.tenant, ${dayOf("j")}, j.member, substr(m.credit, 10), j.payer, 0, 0, 0, 0, m.amount
      from job j join transfer m on m.job = j.id and m.kind in ('spend', 'billed') where ${condition}) made
    group by ${key.join(", ")}`;
  return { table, key, counts, of };
}

const daily = addedUp("daily_usage", ["tenant", "day", "service", "payer", "part"]);
const memberDay = addedUp("member_day_usage", ["tenant", "day", "member"]);
const member: Sums = {
  table: "member_usage",
  key: ["tenant", "member"],
  counts: ["jobs", "charged"],
  of: (condition) => `
    select j.tenant, j.member, count(*) as jobs, sum(${paid("j")}) as charged
    from job j where ${ended("j")} and ${condition} group by j.tenant, j.member`,
};

export const allSums: readonly Sums[] = [daily, memberDay, member];

/** Adds rows to one of the tables: its key and its counts, and whatever else is named. */
export function adding({ table, key, counts }: Sums, rows: string, also?: { column: string; set: string }): string {
  const sets = counts.map((name) => `${name} = ${table}.${name} + excluded.${name}`);
  return `insert into ${table} (${[...key, ...counts, ...(also ? [also.column] : [])].join(", ")}) ${rows}
    on conflict (${key.join(", ")}) do update set ${[...sets, ...(also ? [also.set] : [])].join(", ")}`;
}

/** Gives rows of `member_usage` the last name that a job of their member still has. */
export const nameMembers = (condition: string) => `
  update member_usage set name = coalesce((select j.member_name from job j
      where j.member = member_usage.member and j.member_name <> '' order by j.id desc limit 1), '')
    where ${condition}`;

/** Makes the sums of a database that has none. */
export const firstSums = [...allSums.map((sums) => adding(sums, sums.of("1 = 1"))), nameMembers("1 = 1")];

const change = `${endedAs("new")} - ${endedAs("old")}`;
const changes = `${change}, case when ${ended("old")} then 0 else ${images("new")} end, ${paid("new")} - ${paid("old")}, 0`;

const endOfJob = (part: string) => [
  adding(daily, `values (new.tenant, ${dayOf("new")}, new.provider, new.payer, ${part}, ${changes})`),
  adding(memberDay, `values (new.tenant, ${dayOf("new")}, new.member, ${changes})`),
  adding(member, `values (new.tenant, new.member, ${change}, ${paid("new")} - ${paid("old")}, new.member_name)`, {
    column: "name",
    set: "name = case when excluded.name = '' then member_usage.name else excluded.name end",
  }),
];

const charge = (part: string) => [
  adding(
    daily,
    `select j.tenant, ${dayOf("j")}, substr(new.credit, 10), j.payer, ${part}, 0, 0, 0, new.amount
    from job j where j.id = new.job`,
  ),
  adding(memberDay, `select j.tenant, ${dayOf("j")}, j.member, 0, 0, 0, new.amount from job j where j.id = new.job`),
];

const ends = `${ended("new")} <> ${ended("old")} or ${paid("new")} <> ${paid("old")}`;
const charges = "new.kind in ('spend', 'billed')";
const losesName = "new.member_name = '' and old.member_name <> ''";

const partOf = { sqlite: () => "0", postgres: (row: string) => `hashtext(${row}.member) & 15` };

function triggers(engine: Engine): string[] {
  return [
    ...trigger(engine, "job_usage", "update of state, charged on job", ends, endOfJob(partOf[engine]("new"))),
    ...trigger(engine, "transfer_usage", "insert on transfer", charges, charge(partOf[engine]("j"))),
    ...trigger(engine, "job_nameless", "update of member_name on job", losesName, [nameMembers("member = new.member")]),
  ];
}

/** On PostgreSQL deferred to the commit: sums are locked last and shortly. */
function trigger(engine: Engine, name: string, event: string, when: string, statements: readonly string[]): string[] {
  const body = `begin ${statements.map((statement) => `${statement};`).join("\n")}`;
  if (engine === "sqlite") return [`create trigger ${name} after ${event} when ${when} ${body} end`];
  return [
    `create function ${name}() returns trigger language plpgsql as $$ ${body} return null; end $$`,
    `create constraint trigger ${name} after ${event} deferrable initially deferred
      for each row when (${when}) execute function ${name}()`,
  ];
}

/** Erased jobs, with all columns by which a table can be compared. */
const erased = `(select j.tenant, ${dayOf("j")} as day, j.member, j.provider as service, j.payer from job j
  where j.erased_at is not null) e`;

/** Images of erased jobs are not compared: nobody can count them any more. */
function differences({ table, key, counts, of }: Sums): string {
  const group = key.filter((name) => name !== "part");
  const by = group.join(", ");
  const minus = counts.map((name) => `-${name}`).join(", ");
  const isWrong = counts.map((name) =>
    name === "images"
      ? `(sum(images) <> 0 and not exists (select 1 from ${erased}
          where ${group.map((name) => `e.${name} = compared.${name}`).join(" and ")}))`
      : `sum(${name}) <> 0`,
  );
  const over = counts.map((name) => `sum(${name}) || ' ${name}'`).join(" || ', ' || ");
  return `select tenant as subject, ${group.slice(1).join(" || ' ' || ")} || ': too many by ' || ${over} as detail
    from (select ${by}, ${counts.join(", ")} from ${table} union all select ${by}, ${minus} from (${of("1 = 1")}) made) compared
    group by ${by} having ${isWrong.join(" or ")}`;
}

const view = `create view v_bad_usage as ${allSums.map(differences).join(" union all ")}`;
