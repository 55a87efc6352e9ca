import { type Kysely, sql } from "kysely";

/** Images that were saved under names, for prompts to start from. */
export const namedReferences = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table named_reference (
    owner text not null, tenant text not null, folded_name text not null, name text not null,
    document text not null, file text not null, bytes bigint not null,
    member text not null, author text, job text, saved_at bigint not null,
    primary key (owner, tenant, folded_name))`,
  "create index named_reference_file on named_reference (file)",
  "create index named_reference_member on named_reference (member)",
  "create index named_reference_tenant on named_reference (tenant)",
  "create index named_reference_author on named_reference (author) where author is not null",
  "create index named_reference_job on named_reference (job) where job is not null",
];
