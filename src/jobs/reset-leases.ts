import type { Trx } from "../store/connection.ts";

/**
 * After a restore, the processes that had work under way are gone. Jobs are taken over as those of dead processes are;
 * posts that were still to be made may have been made since the backup: they are looked for first.
 */
export async function resetLeases(trx: Trx): Promise<void> {
  await trx
    .updateTable("job")
    .set({ lease_until: 0 })
    .where("state", "in", ["running", "failed"])
    .where("lease_until", "is not", null)
    .execute();
  const tables = await trx.introspection.getTables(); // a backup of an earlier version has no steps
  if (tables.some(({ name }) => name === "workflow_step"))
    await trx.updateTable("workflow_step").set({ lease_until: null }).where("phase", "<>", "ended").execute();
  await trx
    .updateTable("delivery")
    .set({ phase: "sending", lease_owner: null, lease_until: null })
    .where("phase", "in", ["pending", "sending"])
    .execute();
}
