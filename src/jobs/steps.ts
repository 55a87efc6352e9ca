import { sql } from "kysely";
import type { Db, Trx } from "../store/connection.ts";
import type { Database } from "../store/database.ts";
import type { WorkflowStepRow } from "../store/step-tables.ts";
import type { Claim } from "./claim.ts";

/** A step as its platform has taken it. */
export interface ReceivedStep extends Pick<WorkflowStepRow, "id" | "platform" | "tenant" | "event"> {
  readonly member?: string | undefined;
}

/** Writes a step down; one that is there stays as it is. */
export async function addStep(db: Db, { member, ...step }: ReceivedStep, now: number): Promise<void> {
  await db
    .insertInto("workflow_step")
    .values({
      ...step,
      ...{ member: member ?? null, waiting: null, phase: "received", job: null, error: null, received_at: now },
      ...{ ended_at: null, fence: 0, lease_until: null, due_at: now, tries: 0 },
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

/**
 * Takes steps that are to be started, and those whose end can be told: oldest first; those of a dead process once their
 * lease has run out.
 */
export async function claimSteps(
  database: Database,
  { now, leaseUntil, wanted }: Claim,
  platforms: readonly string[],
): Promise<WorkflowStepRow[]> {
  if (wanted <= 0 || platforms.length === 0) return [];
  const names = sql.join(platforms.map((name) => sql`${name}`));
  const skipLocked = database.engine === "postgres" ? sql`for update of s skip locked` : sql``;
  const { rows } = await sql<WorkflowStepRow>`
    update workflow_step set fence = fence + 1, lease_until = ${leaseUntil}, tries = tries + 1
    where id in (
      select s.id from workflow_step s left join job j on j.id = s.job
      where s.phase <> 'ended' and s.due_at <= ${now} and s.platform in (${names})
        and (s.lease_until is null or s.lease_until < ${now})
        and (s.phase <> 'open' or j.id is null or j.state in ('delivered', 'undeliverable', 'failed', 'cancelled'))
      order by s.due_at limit ${sql.lit(wanted)} ${skipLocked})
    returning *`.execute(database.db);
  return rows.sort((a, b) => a.received_at - b.received_at || (a.id < b.id ? -1 : 1)); // `returning` has no order
}

/** Writes down where the job of a step was announced; false when another process has the step by now. */
export function keepWaiting(db: Db, row: WorkflowStepRow, waiting: string): Promise<boolean> {
  return changed(db, row, { waiting });
}

/** The next turn of a step. */
export type StepTurn =
  | { readonly job: string }
  | { readonly refused: string }
  | { readonly endedAt: number }
  /** It is tried again then. */
  | { readonly dueAt: number };

/** Writes down what became of a step; from the moment it was started on, nothing of its words is kept here. */
export function turnStep(db: Db, row: WorkflowStepRow, turn: StepTurn): Promise<boolean> {
  const started = { event: "", member: null, lease_until: null, tries: 0 } as const;
  if ("job" in turn) return changed(db, row, { ...started, phase: "open", job: turn.job });
  if ("refused" in turn) return changed(db, row, { ...started, phase: "refused", error: turn.refused });
  if ("endedAt" in turn) return changed(db, row, { ...started, phase: "ended", error: null, ended_at: turn.endedAt });
  return changed(db, row, { due_at: turn.dueAt, lease_until: null });
}

async function changed(db: Db, { id, fence }: WorkflowStepRow, change: Partial<WorkflowStepRow>): Promise<boolean> {
  const row = await db
    .updateTable("workflow_step")
    .set(change)
    .where("id", "=", id)
    .where("fence", "=", fence)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Steps that a member started and that have no job yet come to none. */
export async function forgetStepsOf(trx: Trx, member: string): Promise<void> {
  await trx
    .updateTable("workflow_step")
    .set((e) => ({
      ...{ event: "", member: null, phase: "refused" as const, error: "", lease_until: null },
      fence: e("fence", "+", 1),
    }))
    .where("member", "=", member)
    .execute();
}

/** Deletes steps that ended before then, and those that were received before `lostBefore` and never ended. */
export async function forgetSteps(
  db: Db,
  { endedBefore, lostBefore }: { readonly endedBefore: number; readonly lostBefore: number },
): Promise<void> {
  await db
    .deleteFrom("workflow_step")
    .where((e) =>
      e.or([e("received_at", "<", lostBefore), e.and([e("received_at", "<", endedBefore), e("phase", "=", "ended")])]),
    )
    .execute();
}
