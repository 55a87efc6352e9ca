import type { Db, Trx } from "../store/connection.ts";
import { type Job, jobFrom } from "./job.ts";

/** The jobs of a member or of a tenant that wait, for approval or in the queue, oldest first. */
export async function waitingJobs(db: Db, of: { member: string } | { tenant: string }): Promise<Job[]> {
  const rows = await db
    .selectFrom("job")
    .selectAll()
    .where("state", "in", ["awaiting", "queued"])
    .where("member" in of ? "member" : "tenant", "=", "member" in of ? of.member : of.tenant)
    .orderBy("id")
    .execute();
  return rows.map(jobFrom);
}

/** Gives the time at which the last job of a tenant was made; 0 when there is none. */
export async function newestIn(trx: Trx, tenant: string): Promise<number> {
  const row = await trx
    .selectFrom("job")
    .select((e) => e.fn.max("created_at").as("at"))
    .where("tenant", "=", tenant)
    .executeTakeFirst();
  return row?.at ?? 0;
}
