import type { Db } from "../store/connection.ts";
import { type Job, jobFrom } from "./job.ts";

/** Says that this process still works on these jobs and deliveries: they stay its own until `until`. */
export async function extendLeases(db: Db, owner: string, jobs: readonly string[], until: number): Promise<void> {
  if (jobs.length === 0) return;
  await db
    .updateTable("job")
    .set({ lease_until: until })
    .where("lease_owner", "=", owner)
    .where("state", "in", ["running", "failed"]) // failed: its late result is being fetched
    .where("id", "in", jobs)
    .execute();
  await db
    .updateTable("delivery")
    .set({ lease_until: until })
    .where("lease_owner", "=", owner)
    .where("phase", "<>", "confirmed")
    .where("job", "in", jobs)
    .execute();
}

/** Takes over running jobs whose process died: from now on their fence is ours. */
export async function takeOver(db: Db, claim: { now: number; owner: string; leaseUntil: number }): Promise<Job[]> {
  const rows = await db
    .updateTable("job")
    .set((e) => ({ fence: e("fence", "+", 1), lease_owner: claim.owner, lease_until: claim.leaseUntil }))
    .where("state", "=", "running")
    .where("lease_until", "<", claim.now)
    .returningAll()
    .execute();
  return rows.map(jobFrom);
}

/** Ends every lease: at the start of the only process of a database, each is a dead one's. */
export async function expireAllLeases(db: Db): Promise<void> {
  await db
    .updateTable("job")
    .set({ lease_until: 0 })
    .where("state", "in", ["running", "failed"])
    .where("lease_until", "is not", null)
    .execute();
  await db.updateTable("channel_message").set({ lease_until: null }).where("lease_until", "is not", null).execute();
  await db.updateTable("workflow_step").set({ lease_until: null }).where("phase", "<>", "ended").execute();
  await db.updateTable("delivery").set({ lease_until: null }).where("phase", "in", ["pending", "sending"]).execute();
}
