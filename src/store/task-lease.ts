import type { Db, Trx } from "./connection.ts";

/** Takes a task that one process at a time does; false while another has it. Times are milliseconds since 1970. */
export async function takeTask(trx: Trx, task: string, lease: { now: number; until: number }): Promise<boolean> {
  const row = await trx
    .insertInto("task_lease")
    .values({ task, lease_until: lease.until })
    .onConflict((conflict) =>
      conflict
        .column("task")
        .doUpdateSet({ lease_until: lease.until })
        .where("task_lease.lease_until", "<=", lease.now),
    )
    .returning("task")
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives a task back that is done. */
export async function giveBackTask(db: Db | Trx, task: string): Promise<void> {
  await db.updateTable("task_lease").set({ lease_until: 0 }).where("task", "=", task).execute();
}
