import type { Context } from "../../context.ts";
import type { AdminJob, JobFilter, JobInspection } from "../../contract/admin.ts";
import { type Caller, isFinal } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { attemptsOf } from "../../jobs/attempts.ts";
import type { Job } from "../../jobs/job.ts";
import { listJobs } from "../../jobs/member-list.ts";
import { findJob } from "../../jobs/queue.ts";
import { isOperator, mayManage, requireAdmin } from "../../policy/rights.ts";
import type { AttemptRow } from "../../store/tables.ts";

const maxJobs = 100;
/** Transfers that moved only the operator's own money. */
const operatorKinds = ["spend", "unknown", "billed", "not-billed", "goodwill"] as const;

/** Jobs of the caller's tenant, or of all for operators; newest first. */
export async function jobs(context: Context, filter: JobFilter, caller: Caller): Promise<readonly AdminJob[]> {
  requireAdmin(context, caller);
  const tenant = isOperator(context, caller) ? filter.tenant : caller.tenant;
  const limit = Math.min(maxJobs, Math.max(1, Math.floor(filter.limit) || 1));
  const found = await listJobs(dbFor(context, { ...filter, tenant }), { ...filter, tenant, limit });
  return found.map((job) => adminJob(context, job, caller));
}

/**
 * One job with every phase of every call; what services said and charged only for operators. Throws `job-unknown` for a
 * job of another tenant, too.
 */
export async function inspect(context: Context, id: string, caller: Caller): Promise<JobInspection> {
  requireAdmin(context, caller);
  const { db } = context.database;
  const job = await findJob(db, id);
  if (!job || !mayManage(context, caller, job.tenant)) throw new Refusal("job-unknown", {});
  const operator = isOperator(context, caller);
  const delivery = await db.selectFrom("delivery").selectAll().where("job", "=", id).executeTakeFirst();
  const transfers = await db
    .selectFrom("transfer")
    .select(["kind", "debit", "credit", "amount", "at"])
    .where("job", "=", id)
    .$if(!operator, (query) => query.where("kind", "not in", operatorKinds))
    .orderBy("id")
    .execute();
  return {
    ...adminJob(context, job, caller),
    attempts: (await attemptsOf(db, id)).map((attempt) => attemptOf(attempt, operator)),
    delivery: delivery && {
      phase: delivery.phase,
      tries: delivery.tries,
      route: delivery.route ?? undefined,
      confirmedAt: delivery.confirmed_at ?? undefined,
    },
    transfers,
  };
}

/** A filter that no index serves is read beside everything else. */
function dbFor({ database }: Context, { state, member, provider, tenant }: JobFilter) {
  const live = state === undefined || !isFinal(state);
  return live && member === undefined && provider === undefined && tenant === undefined
    ? database.db
    : database.reports;
}

/** The prompt of a private job is shown to operators only. */
function adminJob(context: Context, job: Job, caller: Caller): AdminJob {
  const { id, member, memberName, tenant, state, provider, held, charged, createdAt, startedAt, finishedAt } = job;
  const hidden = job.request.private && !isOperator(context, caller);
  const prompt = hidden ? "" : job.request.prompt;
  return { id, member, memberName, tenant, state, provider, prompt, held, charged, createdAt, startedAt, finishedAt };
}

function attemptOf(row: AttemptRow, operator: boolean): JobInspection["attempts"][number] {
  const { id, provider, phase } = row;
  return {
    id,
    provider,
    phase,
    outcome: row.outcome ?? undefined,
    status: row.status ?? undefined,
    createdAt: row.created_at,
    sentAt: row.sent_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    ...(operator
      ? {
          cost: row.cost ?? undefined,
          estimate: row.estimate ?? undefined,
          reference: row.reference ?? undefined,
          message: row.message ?? undefined,
        }
      : {}),
  };
}
