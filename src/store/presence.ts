import type { Db } from "./connection.ts";

/** Processes that draw say so together, by a lease that each of them renews and nobody gives back. */
const task = "drawing";
/** A process says so every 15 seconds; a pause of its event loop is no absence. */
const presenceMs = 60_000;

/** Says that a process lives which draws what is queued. `now` in milliseconds since 1970. */
export async function sayPresent(db: Db, now: number): Promise<void> {
  const lease = { lease_until: now + presenceMs };
  await db
    .insertInto("task_lease")
    .values({ task, ...lease })
    .onConflict((conflict) => conflict.column("task").doUpdateSet(lease))
    .execute();
}

/** Tells whether some process on this database draws. */
export async function isPresent(db: Db, now: number): Promise<boolean> {
  const row = await db.selectFrom("task_lease").select("lease_until").where("task", "=", task).executeTakeFirst();
  return row !== undefined && row.lease_until > now;
}
