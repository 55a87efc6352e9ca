import { type Kysely, sql } from "kysely";
import type { Engine } from "../connection.ts";

/** Accounts and their ledger; jobs with attempts, images and deliveries. */
export const start = (engine: Engine) => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...ledger, ...jobs, ...appendOnly(engine)]) await sql.raw(statement).execute(db);
  },
});

const ledger = [
  // Members and their holds can never go below zero; the operator's own accounts are where credits come from.
  `create table account (
    id text primary key, balance bigint not null, topped_up_on text,
    check (balance >= 0 or id like 'ops:%'))`,
  `create table transfer (
    id text primary key,
    debit text not null references account(id), credit text not null references account(id),
    amount bigint not null check (amount > 0), kind text not null, job text, at bigint not null,
    idem text not null unique, check (debit <> credit))`,
  "create index transfer_debit on transfer (debit, id)",
  "create index transfer_credit on transfer (credit, id)",
  "create index transfer_job on transfer (job)",
];

const jobs = [
  `create table job (
    id text primary key, inbound text not null unique,
    platform text not null, tenant text not null, member text not null, member_name text not null,
    locale text not null, place text not null, parent text references job(id),
    state text not null, fence integer not null, lease_owner text, lease_until bigint, run_at bigint not null,
    request text not null, changes text not null, provider text not null, tier text,
    unit bigint not null, held bigint not null check (held >= 0), charged bigint check (charged >= 0 and charged <= held),
    failure text, created_at bigint not null, started_at bigint, finished_at bigint)`,
  "create index job_state on job (state, member, id)",
  "create index job_served on job (member, started_at)",
  "create index job_recent on job (member, id)",
  "create index job_tenant on job (tenant, created_at)",
  "create index job_created on job (created_at)",
  `create table attempt (
    id text primary key, job text not null references job(id), n integer not null, provider text not null,
    asked integer not null, phase text not null, outcome text, reference text, status integer, cost bigint,
    callback_hash text unique, message text,
    created_at bigint not null, sent_at bigint, ended_at bigint, unique (job, n))`,
  `create table artifact (
    job text not null references job(id), idx integer not null, attempt text not null references attempt(id),
    file text not null, sha256 text not null, format text not null,
    width integer not null, height integer not null, bytes bigint not null, primary key (job, idx))`,
  `create table delivery (
    job text primary key references job(id), phase text not null, fence integer not null,
    lease_owner text, lease_until bigint, run_at bigint not null, tries integer not null,
    route text, message text, confirmed_at bigint)`,
  "create index delivery_due on delivery (phase, run_at)",
  "create index delivery_message on delivery (message)",
  "create table callback (id text primary key, attempt text not null references attempt(id), body text not null, at bigint not null)",
  "create index callback_attempt on callback (attempt, id)",
];

function appendOnly(engine: Engine): string[] {
  if (engine === "sqlite") {
    return ["update", "delete"].map(
      (verb) => `create trigger transfer_no_${verb} before ${verb} on transfer
        begin select raise(abort, 'transfers are append-only'); end`,
    );
  }
  return [
    `create function transfer_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'transfers are append-only'; end $$`,
    `create trigger transfer_append_only before update or delete on transfer
      for each row execute function transfer_append_only()`,
  ];
}
