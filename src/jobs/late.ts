import type { Db } from "../store/connection.ts";
import { lateForMs } from "./callbacks.ts";
import { type Job, jobFrom } from "./job.ts";

/** A call whose outcome was unknown when its job failed: its images may still come. */
export interface OpenCall {
  readonly attempt: string;
  readonly job: string;
  readonly provider: string;
  readonly endedAt: number;
}

/** Open calls of which a service told something since they were given up. */
export async function calledBack(db: Db, now: number): Promise<OpenCall[]> {
  return openCalls(db)
    .where("a.id", "in", db.selectFrom("callback").select("attempt"))
    .where("a.sent_at", ">=", now - lateForMs)
    .execute();
}

/** Open calls that were given up since `since`. */
export async function recentlyGivenUp(db: Db, providers: readonly string[], since: number): Promise<OpenCall[]> {
  if (providers.length === 0) return [];
  return openCalls(db).where("a.provider", "in", providers).where("a.ended_at", ">=", since).execute();
}

/** Only of members who were told: the news of the failure must be there before it can be replaced. */
function openCalls(db: Db) {
  return db
    .selectFrom("attempt as a")
    .innerJoin("job as j", "j.id", "a.job")
    .innerJoin("delivery as d", "d.job", "j.id")
    .select((e) => ["a.id as attempt", "a.job", "a.provider", e.fn.coalesce("a.ended_at", e.lit(0)).as("endedAt")])
    .where("a.outcome", "=", "unknown")
    .where("j.state", "=", "failed")
    .where("j.erased_at", "is", null)
    .where("d.phase", "=", "confirmed")
    .orderBy("a.id");
}

/** Takes a failed job on, to look for its images; undefined when another process has it, or it is not failed any more. */
export async function claimFailed(
  db: Db,
  id: string,
  claim: { now: number; owner: string; leaseUntil: number },
): Promise<Job | undefined> {
  const row = await db
    .updateTable("job")
    .set((e) => ({ fence: e("fence", "+", 1), lease_owner: claim.owner, lease_until: claim.leaseUntil }))
    .where("id", "=", id)
    .where("state", "=", "failed")
    .where((e) => e.or([e("lease_until", "is", null), e("lease_until", "<", claim.now)]))
    .returningAll()
    .executeTakeFirst();
  return row && jobFrom(row);
}

/** Gives a failed job back for which nothing came: callbacks until `last` (an id) are used up, the job is left as it was. */
export async function releaseFailed(db: Db, job: Job, attempt: string, last: string): Promise<void> {
  await db.deleteFrom("callback").where("attempt", "=", attempt).where("id", "<=", last).execute();
  await db
    .updateTable("job")
    .set({ lease_owner: null, lease_until: null })
    .where("id", "=", job.id)
    .where("state", "=", "failed")
    .where("fence", "=", job.fence)
    .execute();
}

/** The newest of what was told of a call; "" when nothing was. */
export async function lastCallback(db: Db, attempt: string): Promise<string> {
  const row = await db
    .selectFrom("callback")
    .select((e) => e.fn.max("id").as("id"))
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  return row?.id ?? "";
}

/** The possible cost of an unknown outcome, and how many the same member had since `since`, this one included. */
export async function unknownSince(
  db: Db,
  attempt: string,
  since: number,
): Promise<{ estimate: number; refunds: number }> {
  const { estimate, member } = await db
    .selectFrom("attempt")
    .innerJoin("job", "job.id", "attempt.job")
    .select(["attempt.estimate", "job.member"])
    .where("attempt.id", "=", attempt)
    .executeTakeFirstOrThrow();
  const { refunds } = await db
    .selectFrom("attempt")
    .innerJoin("job", "job.id", "attempt.job")
    .select((e) => e.fn.countAll<number>().as("refunds"))
    .where("job.member", "=", member)
    .where("job.created_at", ">=", since)
    .where("job.state", "=", "failed")
    .where("attempt.outcome", "=", "unknown")
    .executeTakeFirstOrThrow();
  return { estimate: estimate ?? 0, refunds: Number(refunds) };
}
