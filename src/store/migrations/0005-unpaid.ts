import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/**
 * Images that were drawn and could not be posted stay held for until somebody sees them, and whatever nobody paid for
 * counts in every budget. What ended undeliverable before was given back then, and stays so.
 */
export const unpaid = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [...drop(engine), ...columns, ...stateChanges(engine), ...spending(engine), ...views];
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});

const drop = (engine: Engine) => [
  "drop view v_bad_spending",
  "drop view v_bad_end",
  ...(engine === "sqlite"
    ? ["drop trigger job_spending_first", "drop trigger job_spending_then", "drop trigger job_change"]
    : [
        "drop trigger job_spending_first on job",
        "drop trigger job_spending_then on job",
        "drop function job_spending()",
        "drop trigger job_change on job",
      ]),
];

const columns = [
  // When a job ended whose images or call nobody has paid for; null again once somebody did.
  "alter table job add column unpaid_at bigint",
  // What the house paid in the member's place for images that came late.
  "alter table job add column goodwill bigint not null default 0",
  "create index job_unpaid on job (member, unpaid_at) where unpaid_at is not null",
];

/** As told in src/jobs/transitions.ts. */
const ways = {
  queued: ["running", "cancelled"],
  running: ["queued", "failed", "delivering", "cancelled"],
  delivering: ["delivered", "undeliverable"],
  failed: ["delivering"],
  undeliverable: ["delivered"],
};

function stateChanges(engine: Engine): string[] {
  const allowed = Object.entries(ways).flatMap(([from, all]) => all.map((to) => `'${from}>${to}'`));
  const wrong = `new.fence < old.fence or (new.state <> old.state
    and (old.state || '>' || new.state) not in (${allowed.join(", ")}))`;
  if (engine === "sqlite") {
    return [
      `create trigger job_change before update of state, fence on job when ${wrong}
        begin select raise(abort, 'a job does not change in that way'); end`,
    ];
  }
  return [
    `create trigger job_change before update of state, fence on job for each row when (${wrong})
      execute function job_change()`,
  ];
}

/** The part of a job's price that counts against a budget: owed, paid, or had for nothing. */
const worth = (row: string) =>
  `(case when ${row}.state in ('failed', 'cancelled') then 0 else coalesce(${row}.charged, ${row}.held) + ${row}.goodwill end)`;

const day = "new.created_at / 86400000";
const difference = `${worth("new")} - ${worth("old")}`;
const changed = `${worth("new")} <> ${worth("old")}`;
const counted = "after update of state, charged, held, goodwill on job";

const add = (amount: string, part: string) => `
  insert into daily_spending (tenant, day, part, amount) values (new.tenant, ${day}, ${part}, ${amount})
    on conflict (tenant, day, part) do update set amount = daily_spending.amount + excluded.amount;`;

const partOfMember = "hashtext(new.member) & 15";

/** As in 0002-spent.ts, with the new worth; the figures are summed up anew. */
const spending = (engine: Engine) => [
  "delete from daily_spending",
  `insert into daily_spending (tenant, day, part, amount)
    select tenant, created_at / 86400000, 0, sum(${worth("job")}) from job group by tenant, created_at / 86400000`,
  ...(engine === "sqlite"
    ? [
        `create trigger job_spending_first after insert on job begin ${add(worth("new"), "0")} end`,
        `create trigger job_spending_then ${counted} when ${changed} begin ${add(difference, "0")} end`,
      ]
    : [
        `create function job_spending() returns trigger language plpgsql as $$ begin
          if tg_op = 'INSERT' then ${add(worth("new"), partOfMember)} else ${add(difference, partOfMember)} end if;
          return null; end $$`,
        `create constraint trigger job_spending_first after insert on job deferrable initially deferred
          for each row execute function job_spending()`,
        `create constraint trigger job_spending_then ${counted} deferrable initially deferred
          for each row when (${changed}) execute function job_spending()`,
      ]),
];

const views = [
  `create view v_bad_spending as
    select tenant as subject, 'day ' || day || ': the budget counts ' || sum(counted) || ', its jobs say ' || sum(owed)
      as detail
    from (
      select tenant, day, amount as counted, 0 as owed from daily_spending
      union all select tenant, created_at / 86400000, 0, ${worth("job")} from job) compared
    group by tenant, day having sum(counted) <> sum(owed)`,
  // An undeliverable job keeps its hold while its images can still be seen; erased unseen, it has given it back.
  `create view v_bad_end as
    select id as subject, state || ': held ' || held || ', captured ' || captured || ', released ' || released
      || ', charged ' || coalesce(cast(charged as text), 'nothing') as detail
    from (
      select j.id, j.state, j.held, j.charged, j.unpaid_at, j.erased_at, coalesce(m.captured, 0) as captured,
        coalesce(m.released, 0) as released
      from job j left join (
        select job, sum(case when kind = 'capture' then amount else 0 end) as captured,
          sum(case when kind = 'release' then amount else 0 end) as released
        from transfer where kind in ('capture', 'release') group by job) m on m.job = j.id) ended
    where not case
      when state = 'delivered' then captured = coalesce(charged, 0) and captured + released = held
      when state = 'delivering' then captured = 0 and released in (0, held)
      when state in ('queued', 'running') then captured = 0 and released = 0
      when state = 'undeliverable' then captured = 0
        and (released = held or (released = 0 and unpaid_at is not null and erased_at is null))
      else captured = 0 and released = held end`,
  // Whatever is given back for an image that was drawn is the house's to pay.
  `create view v_bad_goodwill as
    select j.id as subject, j.state || ': goodwill ' || j.goodwill || ', booked ' || coalesce(t.amount, 0) as detail
    from job j left join transfer t on t.idem = 'goodwill:' || j.id
    where j.goodwill > 0 and coalesce(t.amount, 0) <> j.goodwill`,
];
