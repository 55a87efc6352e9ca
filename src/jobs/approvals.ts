import type { Credits } from "../request.ts";
import type { ApprovalRow, Decision } from "../store/approval-tables.ts";
import type { Db, Trx } from "../store/connection.ts";
import { partsOf } from "./batches.ts";
import { type Job, jobFrom } from "./job.ts";

/** The question whether a job may be made. Times are milliseconds since 1970. */
export interface Approval {
  readonly job: string;
  readonly tenant: string;
  /** The limit that the job passed. */
  readonly above: Credits;
  readonly askedAt: number;
  readonly expiresAt: number;
  /** Undefined while nobody answered. */
  readonly decision: Decision | undefined;
  readonly decidedAt: number | undefined;
  readonly decidedBy: string | undefined;
  readonly decidedName: string | undefined;
}

/** An answer to the question; `by` is undefined where nobody gave it. */
export interface NewDecision {
  readonly decision: Decision;
  readonly by?: { readonly member: string; readonly name: string } | undefined;
  readonly now: number;
}

/** Asks whether a job may be made, in the transaction that writes the job down as `awaiting`. */
export async function askApproval(
  trx: Trx,
  { job, tenant, above, askedAt, expiresAt }: Pick<Approval, "job" | "tenant" | "above" | "askedAt" | "expiresAt">,
): Promise<void> {
  const open = { decision: null, decided_at: null, decided_by: null, decided_name: null };
  await trx
    .insertInto("approval")
    .values({ job, tenant, above, asked_at: askedAt, expires_at: expiresAt, ...open })
    .execute();
}

/** Answers the question; false when it was answered before: only the first answer counts. */
export async function decideApproval(trx: Trx, job: string, { decision, by, now }: NewDecision): Promise<boolean> {
  const row = await trx
    .updateTable("approval")
    .set({ decision, decided_at: now, decided_by: by?.member ?? null, decided_name: by?.name ?? null })
    .where("job", "=", job)
    .where("decision", "is", null)
    .returning("job")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findApproval(db: Db | Trx, job: string): Promise<Approval | undefined> {
  const row = await db.selectFrom("approval").selectAll().where("job", "=", job).executeTakeFirst();
  return row && approvalFrom(row);
}

/** The jobs that one answer is for, in their order: all parts of a batch, or one job. */
export async function askedTogether(db: Db | Trx, job: Job): Promise<readonly Job[]> {
  return job.batch === undefined ? [job] : partsOf(db, job.batch);
}

/** Finds the approval of jobs that are asked about together: an open one, else the answer, unless all were taken back. */
export async function findSharedApproval(db: Db | Trx, jobs: readonly Job[]): Promise<Approval | undefined> {
  const ids = jobs.map(({ id }) => id);
  const rows = await db.selectFrom("approval").selectAll().where("job", "in", ids).orderBy("job").execute();
  const open = rows.find(({ decision }) => decision === null);
  const row = open ?? rows.find(({ decision }) => decision !== "withdrawn") ?? rows[0];
  return row && approvalFrom(row);
}

/** Open questions of a tenant, oldest first; that of a batch stands for all of its parts. */
export async function openApprovals(db: Db, tenant: string, limit: number): Promise<Job[]> {
  const rows = await db
    .selectFrom("approval")
    .innerJoin("job", "job.id", "approval.job")
    .selectAll("job")
    .where("approval.tenant", "=", tenant)
    .where("decision", "is", null)
    .where((e) =>
      e.or([
        e("job.batch", "is", null),
        e("job.id", "=", (part) =>
          part
            .selectFrom("job as part")
            .innerJoin("approval as asked", "asked.job", "part.id")
            .select((p) => p.fn.min("part.id").as("first"))
            .whereRef("part.batch", "=", "job.batch")
            .where("asked.decision", "is", null),
        ),
      ]),
    )
    .orderBy("asked_at")
    .orderBy("job.id")
    .limit(limit)
    .execute();
  return rows.map(jobFrom);
}

/** Jobs whose question nobody answered in time. */
export async function expiredApprovals(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom("approval")
    .select("job")
    .where("decision", "is", null)
    .where("expires_at", "<=", now)
    .orderBy("expires_at")
    .limit(limit)
    .execute();
  return rows.map(({ job }) => job);
}

/** Credits that a member spent or holds in a tenant since then for jobs that nobody had to approve. */
export async function spentUnapproved(
  db: Db | Trx,
  { member, tenant, since }: { readonly member: string; readonly tenant: string; readonly since: number },
): Promise<Credits> {
  const row = await db
    .selectFrom("job")
    .leftJoin("approval", "approval.job", "job.id")
    .select((e) => e.fn.sum<number | null>(e.fn.coalesce("charged", "held")).as("spent"))
    .where("member", "=", member)
    .where("job.tenant", "=", tenant)
    .where("created_at", ">", since)
    .where("state", "not in", ["failed", "cancelled"])
    .where("approval.job", "is", null)
    .executeTakeFirst();
  return Number(row?.spent ?? 0);
}

/** Takes the name of a member out of all that they decided. */
export async function forgetDecider(trx: Trx, member: string, pseudonym: string): Promise<void> {
  await trx
    .updateTable("approval")
    .set({ decided_by: pseudonym, decided_name: "" })
    .where("decided_by", "=", member)
    .execute();
}

function approvalFrom(row: ApprovalRow): Approval {
  return {
    job: row.job,
    tenant: row.tenant,
    above: row.above,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    decision: row.decision ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    decidedBy: row.decided_by ?? undefined,
    decidedName: row.decided_name ?? undefined,
  };
}
