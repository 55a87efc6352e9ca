import type { Engine } from "../connection.ts";

/**
 * Keep a running figure of what the jobs of a tenant and a UTC day cost or hold: a budget is checked under a lock, and
 * summing up 100,000 jobs there took 14 to 44 ms. Kept by triggers, so that a process of the previous version keeps it too.
 * A figure is the sum of its parts: members write to different ones, and so need not wait for each other's commits.
 */
export const spent = (engine: Engine): string[] => [
  `create table spent (tenant text not null, day bigint not null, part integer not null, amount bigint not null,
    primary key (tenant, day, part))`,
  "create index spent_day on spent (day)",
  `insert into spent (tenant, day, part, amount)
    select tenant, ${day("job")}, 0, sum(${worth("job")}) from job group by tenant, ${day("job")}`,
  ...(engine === "sqlite" ? sqliteTriggers : postgresTriggers),
];

/** Counted in days since 1970. */
function day(row: string): string {
  return `${row}.created_at / 86400000`;
}

/** The part of a job's price that counts against a budget. */
export function worth(row: string): string {
  return `(case when ${row}.state in ('failed', 'cancelled', 'undeliverable') then 0
    else coalesce(${row}.charged, ${row}.held) end)`;
}

const add = (amount: string, part: string) => `
  insert into spent (tenant, day, part, amount) values (new.tenant, ${day("new")}, ${part}, ${amount})
    on conflict (tenant, day, part) do update set amount = spent.amount + excluded.amount;`;

const difference = `${worth("new")} - ${worth("old")}`;

const sqliteTriggers = [
  `create trigger job_spent_first after insert on job begin ${add(worth("new"), "0")} end`,
  `create trigger job_spent_then after update of state, charged, held on job
    when ${worth("new")} <> ${worth("old")} begin ${add(difference, "0")} end`,
];

const partOfMember = "hashtext(new.member) & 15";

/** Deferred to the commit: the figure is locked last and shortly, so that no two transactions wait for each other. */
const postgresTriggers = [
  `create function job_spent() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then ${add(worth("new"), partOfMember)} else ${add(difference, partOfMember)} end if;
    return null; end $$`,
  `create constraint trigger job_spent_first after insert on job deferrable initially deferred
    for each row execute function job_spent()`,
  `create constraint trigger job_spent_then after update of state, charged, held on job deferrable initially deferred
    for each row when (${worth("new")} <> ${worth("old")}) execute function job_spent()`,
];
