import type { Db, Trx } from "../store/connection.ts";
import { type Job, jobFrom } from "./job.ts";

/** The jobs of a batch in their order; none when there is no such batch. */
export async function partsOf(db: Db | Trx, batch: string): Promise<Job[]> {
  const rows = await db.selectFrom("job").selectAll().where("batch", "=", batch).orderBy("batch_index").execute();
  return rows.map(jobFrom);
}

/** A part of a batch that was posted. */
export interface PostedPart {
  readonly job: string;
  readonly message: string;
  readonly route: string;
}

/** The parts of a batch that were posted with their images, in that order. */
export async function postedParts(db: Db | Trx, batch: string): Promise<PostedPart[]> {
  const rows = await db
    .selectFrom("delivery")
    .innerJoin("job", "job.id", "delivery.job")
    .select(["delivery.job", "delivery.message", "delivery.route"])
    .where("job.batch", "=", batch)
    .where("job.state", "=", "delivered")
    .where("delivery.phase", "=", "confirmed")
    .where("delivery.message", "is not", null)
    .orderBy("delivery.confirmed_at")
    .orderBy("delivery.job")
    .execute();
  return rows.map(({ job, message, route }) => ({ job, message: message ?? "", route: route ?? "channel" }));
}

/** Writes down that parts are shown by another message now. */
export async function moveParts(trx: Trx, parts: readonly string[], message: string): Promise<void> {
  if (parts.length === 0) return;
  await trx
    .updateTable("delivery")
    .set({ message })
    .where("job", "in", parts)
    .where("phase", "=", "confirmed")
    .where("message", "is not", null)
    .execute();
}

/** Lets the message of a batch be written anew because a part was cancelled; the part has not been told of before. */
export async function tellCancelled(trx: Trx, job: string, now: number): Promise<void> {
  const untold = { phase: "pending", fence: 0, lease_owner: null, lease_until: null, tries: 0 } as const;
  await trx
    .insertInto("delivery")
    .values({ ...untold, job, due_at: now, route: null, message: null, confirmed_at: null })
    .onConflict((conflict) => conflict.column("job").doNothing())
    .execute();
}
