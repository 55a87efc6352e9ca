import { type Kysely, sql } from "kysely";

/** Saved ways to draw, the files that they start from, and which of them are the default where. */
export const styles = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table style (
    owner text not null, folded_name text not null, name text not null, document text not null, changed_at bigint not null,
    primary key (owner, folded_name))`,
  `create table style_input (
    owner text not null, folded_name text not null, file text not null, member text not null, bytes bigint not null,
    primary key (owner, folded_name, file),
    foreign key (owner, folded_name) references style (owner, folded_name) on delete cascade)`,
  "create index style_input_file on style_input (file)",
  "create index style_input_member on style_input (member)",
  `create table style_default (
    owner text not null, channel text not null, folded_name text not null,
    primary key (owner, channel),
    foreign key (owner, folded_name) references style (owner, folded_name) on delete cascade)`,
];
