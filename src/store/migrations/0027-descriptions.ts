import { type Kysely, sql } from "kysely";

/** The owner of an image may write its description, and hide it or show it. */
export const descriptions = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  // Null: made from the prompt.
  "alter table artifact add column description text",
  // 1: hidden, 0: shown, null: as the message was posted.
  "alter table artifact add column spoiler integer",
];
