import type { Db, Trx } from "../store/connection.ts";
import { type Job, jobFrom } from "./job.ts";

/** Drawn, posted nowhere, and not looked at yet: its hold stays. */
export function isUnseen({ state, unpaidAt, erasedAt }: Job): boolean {
  return state === "undeliverable" && unpaidAt !== undefined && erasedAt === undefined;
}

/** Somebody sees the images of an undeliverable job: from now on it is delivered. False when it is not unseen any more. */
export async function undeliverableToDelivered(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .updateTable("job")
    .set({ state: "delivered", unpaid_at: null })
    .where("id", "=", id)
    .where("state", "=", "undeliverable")
    .where("unpaid_at", "is not", null)
    .where("erased_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (!row) return false;
  await trx.updateTable("delivery").set({ route: "history" }).where("job", "=", id).execute();
  return true;
}

/** The job if nobody saw its images yet. */
export async function unseenJob(trx: Trx, id: string): Promise<Job | undefined> {
  const row = await trx.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
  const job = row && jobFrom(row);
  return job && isUnseen(job) ? job : undefined;
}

/** Jobs of the member that ended since then and that nobody has paid for, though a service may have been. */
export async function countUnpaid(db: Db | Trx, member: string, since: number): Promise<number> {
  const { n } = await db
    .selectFrom("job")
    .select((e) => e.fn.countAll<number>().as("n"))
    .where("member", "=", member)
    .where("unpaid_at", "is not", null)
    .where("unpaid_at", ">=", since)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** The operator knows that the service did not charge for it. */
export async function forgetUnpaid(trx: Trx, id: string): Promise<void> {
  await trx.updateTable("job").set({ unpaid_at: null }).where("id", "=", id).where("state", "=", "failed").execute();
}
