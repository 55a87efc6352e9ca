import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";
import { worth } from "./0002-spent.ts";
import { describeRequests } from "./0003-requests.ts";
import { moveSettings } from "./0003-settings.ts";

/**
 * Tables and columns get the names of the vocabulary, what queries look for in a request becomes columns, and whatever is
 * no setting leaves the `setting` table. Keeps all data. The statements of an earlier program are refused from here on
 * (it can neither claim a job nor finish one), so that it cannot act on a shape that it does not know: what it had under
 * way is recovered by the processes of this version.
 */
export const vocabulary = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const run = async (statements: readonly string[]) => {
      for (const statement of statements) await sql.raw(statement).execute(db);
    };
    await run([...dropSpending(engine), ...renames, ...spending(engine), ...tables, ...columns]);
    await moveSettings(db, engine);
    await describeRequests(db, engine);
    await run(erasure);
  },
});

const renames = [
  "alter table deed rename to audit_entry",
  "alter table posted rename to posted_message",
  "alter table spent rename to daily_spending",
  "alter table job rename column place to reply_target",
  "alter table job rename column retries to requeues",
  "alter table delivery rename column run_at to due_at",
];

/** Recreated under the new names below: the engines do not follow a rename in the same way. */
const dropSpending = (engine: Engine) => [
  "drop view v_bad_spent",
  ...(engine === "sqlite"
    ? ["drop trigger job_spent_first", "drop trigger job_spent_then"]
    : ["drop trigger job_spent_first on job", "drop trigger job_spent_then on job", "drop function job_spent()"]),
];

const day = "new.created_at / 86400000";
const difference = `${worth("new")} - ${worth("old")}`;

const add = (amount: string, part: string) => `
  insert into daily_spending (tenant, day, part, amount) values (new.tenant, ${day}, ${part}, ${amount})
    on conflict (tenant, day, part) do update set amount = daily_spending.amount + excluded.amount;`;

const partOfMember = "hashtext(new.member) & 15";

/** As in 0002-spent.ts. */
const spending = (engine: Engine) => [
  ...(engine === "sqlite"
    ? [
        `create trigger job_spending_first after insert on job begin ${add(worth("new"), "0")} end`,
        `create trigger job_spending_then after update of state, charged, held on job
          when ${worth("new")} <> ${worth("old")} begin ${add(difference, "0")} end`,
      ]
    : [
        `create function job_spending() returns trigger language plpgsql as $$ begin
          if tg_op = 'INSERT' then ${add(worth("new"), partOfMember)} else ${add(difference, partOfMember)} end if;
          return null; end $$`,
        `create constraint trigger job_spending_first after insert on job deferrable initially deferred
          for each row execute function job_spending()`,
        `create constraint trigger job_spending_then after update of state, charged, held on job
          deferrable initially deferred for each row when (${worth("new")} <> ${worth("old")})
          execute function job_spending()`,
      ]),
  `create view v_bad_spending as
    select tenant as subject, 'day ' || day || ': the budget counts ' || sum(counted) || ', its jobs say ' || sum(owed)
      as detail
    from (
      select tenant, day, amount as counted, 0 as owed from daily_spending
      union all select tenant, created_at / 86400000, 0, ${worth("job")} from job) compared
    group by tenant, day having sum(counted) <> sum(owed)`,
];

const tables = [
  // A member's images that a job starts from: the sweep asks which files are still needed.
  "create table job_input (job text not null references job(id), file text not null, primary key (job, file))",
  "create index job_input_file on job_input (file)",
  "create table confirmation (id text primary key, member text not null, asked_at bigint not null, document text not null)",
  "create index confirmation_member on confirmation (member)",
  "create index confirmation_asked on confirmation (asked_at)",
  `create table confirmation_input (
    confirmation text not null references confirmation(id) on delete cascade, file text not null,
    primary key (confirmation, file))`,
  "create index confirmation_input_file on confirmation_input (file)",
  // Members who asked to be forgotten, until that is done; tenants that the bot was removed from.
  "create table leaving_member (member text primary key, asked_at bigint not null)",
  "create table removed_tenant (tenant text primary key, removed_at bigint not null)",
  // What one process at a time does; others wait until then.
  "create table task_lease (task text primary key, lease_until bigint not null)",
  // What workspaces gave the bot when they installed it, sealed; and secrets of the bot's own.
  "create table installation (id text primary key, sealed text not null, changed_at bigint not null)",
  "create table secret (name text primary key, value text not null, made_at bigint not null)",
];

const columns = [
  "alter table job add column quality text not null default 'auto'",
  "alter table job add column image_count integer not null default 1",
  // The prompt without regard to case, for searches.
  "alter table job add column prompt_folded text not null default ''",
];

const erasure = [
  `create view v_bad_erased as
    select id as subject, 'erased, but its prompt or its files are still there' as detail from job
    where erased_at is not null
      and (prompt_folded <> '' or exists (select 1 from job_input where job_input.job = job.id))`,
];
