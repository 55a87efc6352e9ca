import { type Kysely, sql } from "kysely";

/** Counts the files that members bring, within an hour and as long as they are kept. Earlier files count as nothing until they go. */
export const intake = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  "create table intake (id text primary key, member text not null, at bigint not null, bytes bigint not null, file text)",
  "create index intake_member on intake (member, at)",
  "create index intake_at on intake (at)",
  "create index intake_file on intake (file) where file is not null",
  "alter table job_input add column member text not null default ''",
  "alter table job_input add column bytes bigint not null default 0",
  "create index job_input_member on job_input (member)",
  "alter table confirmation_input add column bytes bigint not null default 0",
];
