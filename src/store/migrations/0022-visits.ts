import { type Kysely, sql } from "kysely";

/** Links by which members come to pages of their own, each opened once, and the files that such a page starts from. */
export const visits = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table visit (
    id text primary key, member text not null, tenant text not null, document text not null, made_at bigint not null,
    opened_at bigint, session_hash text)`,
  "create index visit_member on visit (member)",
  "create index visit_tenant on visit (tenant)",
  `create table visit_input (
    visit text not null references visit (id) on delete cascade, file text not null, bytes bigint not null,
    primary key (visit, file))`,
  "create index visit_input_file on visit_input (file)",
];
