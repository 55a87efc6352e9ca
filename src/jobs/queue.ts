import type { Db, Trx } from "../store/connection.ts";
import type { JobState } from "../store/tables.ts";
import { inputsOf, type Job, jobFrom, type NewJob, rowOf } from "./job.ts";
import { lastStartOf } from "./turns.ts";

export interface Enqueued {
  /** It waits for approval first. */
  readonly awaiting?: boolean;
  /** So many jobs of its member are before it that its turn has to come first. */
  readonly behind?: boolean;
}

/** Puts a job at the end of its member's queue, or before it until it is approved, in the transaction that holds its credits. */
export async function enqueue(
  trx: Trx,
  job: NewJob,
  { awaiting = false, behind = false }: Enqueued = {},
): Promise<Job> {
  const row = rowOf(job, awaiting ? "awaiting" : "queued");
  const turn = awaiting || behind ? null : lastStartOf(job.member);
  await trx
    .insertInto("job")
    .values({ ...row, turn })
    .execute();
  const inputs = inputsOf(job.request).map((input) => ({ ...input, job: job.id, member: job.member }));
  if (inputs.length > 0) await trx.insertInto("job_input").values(inputs).execute();
  return jobFrom(row);
}

export async function findJob(db: Db | Trx, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
  return row && jobFrom(row);
}

/** The job that an inbound event already made. */
export async function findByInbound(db: Db | Trx, inbound: string): Promise<Job | undefined> {
  const row = await db.selectFrom("job").selectAll().where("inbound", "=", inbound).executeTakeFirst();
  return row && jobFrom(row);
}

/** A member's jobs, newest first. */
export async function jobsOf(db: Db, member: string, limit: number): Promise<Job[]> {
  const rows = await db
    .selectFrom("job")
    .selectAll()
    .where("member", "=", member)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(jobFrom);
}

/** Counts the jobs of a member that wait, also those that wait for approval. */
export async function countQueued(db: Db | Trx, member: string): Promise<number> {
  const row = await db
    .selectFrom("job")
    .select((e) => e.fn.countAll<number>().as("n"))
    .where("member", "=", member)
    .where("state", "in", ["awaiting", "queued"])
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** Counts the jobs that have not ended, by state, for metrics: the others would have to be counted through all history. */
export async function countByState(db: Db): Promise<Partial<Record<JobState, number>>> {
  const rows = await db
    .selectFrom("job")
    .select(["state", (e) => e.fn.countAll<number>().as("n")])
    .where("state", "in", ["awaiting", "queued", "running", "delivering"])
    .groupBy("state")
    .execute();
  return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
}
