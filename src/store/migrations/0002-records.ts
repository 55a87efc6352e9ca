import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";
import { spent } from "./0002-spent.ts";
import { views } from "./0002-views.ts";

/**
 * Settings, the operators' audit log, what services cost, every message of a result, a ledger that may be made
 * anonymous but never changed, jobs that change only as they may, and views of what must never be. Only adds: processes
 * of the previous version go on working beside it.
 */
export const records = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const invariants = Object.entries(views).map(([name, select]) => `create view ${name} as ${select}`);
    const guards = [...appendOnlyButAnonymous(engine), ...onlyAllowedChanges(engine)];
    for (const statement of [...columns, ...tables, ...spent(engine), ...guards, ...invariants]) {
      await sql.raw(statement).execute(db);
    }
  },
});

const columns = [
  // The allowance of the last top-up: a higher one on the same day adds the difference.
  "alter table account add column topped_up_to bigint",
  // How often a job went back to the queue: retried work gives way to what a member just asked for.
  "alter table job add column retries integer not null default 0",
  // When prompt, files and names were deleted; money and states stay.
  "alter table job add column erased_at bigint",
  // What the service would charge for this call by its price list; and how the operator settled an unknown outcome.
  "alter table attempt add column estimate bigint",
  "alter table attempt add column settled text check (settled in ('billed', 'not-billed'))",
  "alter table attempt add column settled_at bigint",
  "alter table attempt add column settled_by text",
  "create index attempt_pace on attempt (provider, outcome, ended_at)",
  "create index job_erasable on job (erased_at, finished_at)",
  // Small however long the history is: a claim reads nothing else.
  "create index job_queued on job (member, id) where state = 'queued'",
  "create index job_running on job (member) where state = 'running'",
];

const tables = [
  // One document a scope: `operator`, `tenant:discord:guild:1`, `member:discord:7`.
  "create table setting (id text primary key, value text not null, changed_at bigint not null)",
  `create table deed (
    id text primary key, at bigint not null, operator text not null, name text not null, tenant text not null,
    subject text not null, facts text not null)`,
  // Every message that shows images of a job: a reply to any of them edits those.
  "create table posted (message text primary key, job text not null references job(id))",
  "create index posted_job on posted (job)",
];

/** A transfer keeps all but the member's name: that may become a pseudonym, once. */
const onlyNames = `new.id = old.id and new.amount = old.amount and new.kind = old.kind and new.at = old.at
  and new.job is not distinct from old.job
  and (new.debit = old.debit or ${isPseudonymOf("debit")}) and (new.credit = old.credit or ${isPseudonymOf("credit")})
  and (new.idem = old.idem or (old.idem like 'top-up:%' and new.idem like 'top-up:erased:%'))`;

function isPseudonymOf(side: string): string {
  const from = (kind: string) =>
    `(old.${side} like '${kind}:%' and old.${side} not like '${kind}:erased:%' and new.${side} like '${kind}:erased:%')`;
  return `${from("member")} or ${from("held")}`;
}

function appendOnlyButAnonymous(engine: Engine): string[] {
  if (engine === "sqlite") {
    return [
      "drop trigger transfer_no_update",
      `create trigger transfer_no_update before update on transfer when not (${onlyNames})
        begin select raise(abort, 'transfers are append-only'); end`,
    ];
  }
  return [
    `create or replace function transfer_append_only() returns trigger language plpgsql as $$ begin
      if tg_op = 'UPDATE' and (${onlyNames}) then return new; end if;
      raise exception 'transfers are append-only'; end $$`,
  ];
}

/** As told in src/jobs/transitions.ts; `failed` and `undeliverable` may still be delivered, free of charge. */
const ways = {
  queued: ["running", "cancelled"],
  running: ["queued", "failed", "delivering", "cancelled"],
  delivering: ["delivered", "undeliverable"],
  failed: ["delivering"],
  undeliverable: ["delivering"],
};

function onlyAllowedChanges(engine: Engine): string[] {
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
    `create function job_change() returns trigger language plpgsql as $$ begin
      raise exception 'a job does not change in that way: % to %, fence % to %',
        old.state, new.state, old.fence, new.fence; end $$`,
    `create trigger job_change before update of state, fence on job for each row when (${wrong})
      execute function job_change()`,
  ];
}
