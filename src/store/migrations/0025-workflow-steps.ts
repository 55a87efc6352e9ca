import { type Kysely, sql } from "kysely";

/** Steps of workflows that wait for their image, or to be told how it ended. */
export const workflowSteps = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table workflow_step (
    id text primary key, platform text not null, tenant text not null, member text, event text not null, waiting text,
    phase text not null, job text, error text, received_at bigint not null, ended_at bigint,
    fence integer not null default 0, lease_until bigint, due_at bigint not null, tries integer not null default 0)`,
  "create index workflow_step_due on workflow_step (due_at) where phase <> 'ended'",
  "create index workflow_step_received on workflow_step (received_at)",
  "create index workflow_step_member on workflow_step (member) where member is not null",
];
