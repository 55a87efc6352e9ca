import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/** Jobs that wait for somebody's approval, and the messages that the bot keeps in channels which admins named. */
export const approvals = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...stateChanges(engine), ...views]) await sql.raw(statement).execute(db);
  },
});

const tables = [
  `create table approval (
    job text primary key references job(id), tenant text not null, above bigint not null, asked_at bigint not null,
    expires_at bigint not null, decision text, decided_at bigint, decided_by text, decided_name text)`,
  "create index approval_open on approval (expires_at) where decision is null",
  "create index job_awaiting on job (member, id) where state = 'awaiting'",
  "create index approval_decided_by on approval (decided_by) where decided_by is not null",
  // A time in which a service does not work, as all processes see it.
  `create table service_outage (service text primary key, trouble text not null, began_at bigint not null,
    seen_at bigint not null, alerted integer not null default 0)`,
  // `wanted` grows with every change of what is to be shown; `shown` is the one that is there.
  `create table channel_message (
    id text primary key, platform text not null, tenant text not null, channel text not null, locale text not null,
    kind text not null, subject text not null, facts text not null, created_at bigint not null,
    wanted integer not null default 1, shown integer not null default 0, message text, fence integer not null default 0,
    lease_until bigint, due_at bigint not null, tries integer not null default 0, closed text)`,
  "create index channel_message_due on channel_message (due_at) where shown < wanted",
  "create index channel_message_channel on channel_message (tenant, channel, created_at)",
  "create index channel_message_subject on channel_message (kind, subject)",
];

/** As told in src/jobs/transitions.ts. */
const ways = {
  awaiting: ["queued", "failed", "cancelled"],
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
      "drop trigger job_change",
      `create trigger job_change before update of state, fence on job when ${wrong}
        begin select raise(abort, 'a job does not change in that way'); end`,
    ];
  }
  return [
    "drop trigger job_change on job",
    `create trigger job_change before update of state, fence on job for each row when (${wrong})
      execute function job_change()`,
  ];
}

const views = [
  "drop view v_bad_end",
  // As in 0005-unpaid.ts, with the jobs that wait for approval.
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
      when state in ('awaiting', 'queued', 'running') then captured = 0 and released = 0
      when state = 'undeliverable' then captured = 0
        and (released = held or (released = 0 and unpaid_at is not null and erased_at is null))
      else captured = 0 and released = held end`,
  "drop view v_bad_state",
  `create view v_bad_state as
    select id as subject, 'is ' || state as detail from job where state not in
      ('awaiting', 'queued', 'running', 'delivering', 'delivered', 'undeliverable', 'failed', 'cancelled')`,
  `create view v_bad_approval as
    select j.id as subject, j.state || ', its approval ' || coalesce(a.decision, case when a.job is null then 'missing'
      else 'open' end) as detail
    from job j left join approval a on a.job = j.id
    where case
      when a.job is null then j.state = 'awaiting'
      when a.decision is null then j.state <> 'awaiting'
      when a.decision = 'approved' then j.state = 'awaiting'
      when a.decision in ('refused', 'expired') then j.state <> 'failed'
      else j.state <> 'cancelled' end`,
  // Nothing may be drawn for a job that nobody has approved.
  `create view v_bad_unapproved as
    select a.job as subject, 'a call was made, its approval is ' || coalesce(p.decision, 'open') as detail
    from attempt a join approval p on p.job = a.job where coalesce(p.decision, '') <> 'approved'`,
];
