import { type Kysely, sql } from "kysely";

/** Indexes for lists and figures that would else be looked for through all history; nothing but indexes. */
export const lists = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of indexes) await sql.raw(statement).execute(db);
  },
};

const indexes = [
  "create index attempt_ended on attempt (provider, ended_at, outcome)",
  "create index attempt_unknown on attempt (id) where outcome = 'unknown' and settled is null",
  "create index transfer_unknown on transfer (idem) where kind = 'unknown'",
  "create index audit_entry_at on audit_entry (at, id)",
];
