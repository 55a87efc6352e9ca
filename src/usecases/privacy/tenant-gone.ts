import type { Context } from "../../context.ts";
import { newestIn } from "../../jobs/waiting.ts";
import { forgetDocument, tenantId } from "../../policy/documents.ts";
import { clearRemoved, noteRemoved, tenantsRemovedBefore } from "../../store/departures.ts";
import { deleteReferencesIn } from "../../store/named-references.ts";
import { deleteStyles } from "../../store/styles.ts";
import { removeTenantKeys } from "../../store/tenant-keys.ts";
import { deleteVisits } from "../../store/visits.ts";
import { cancelWaiting } from "../cancel-waiting.ts";

/** Closes a tenant from which the bot was removed: what was not sent is cancelled and given back, its keys for services are erased, pages of its members are closed; content goes as the retention says. */
export async function tenantGone(context: Context, tenant: string): Promise<void> {
  const removedAt = context.world.now();
  await context.database.transaction(async (trx) => {
    await noteRemoved(trx, { tenant, removedAt });
    await deleteVisits(trx, { tenant });
    await removeTenantKeys(trx, tenant, removedAt);
  });
  await cancelWaiting(context, { tenant });
  context.log.info({ tenant }, "a tenant is gone: its waiting jobs are cancelled");
}

/** Deletes the rules, styles and saved images of tenants that were gone before then and did not come back. */
export async function forgetTenants(context: Context, before: number): Promise<void> {
  for (const { tenant, removedAt } of await tenantsRemovedBefore(context.database.db, before)) {
    await context.database.transaction(async (trx) => {
      const cameBack = (await newestIn(trx, tenant)) > removedAt;
      await clearRemoved(trx, tenant);
      if (cameBack) return;
      await forgetDocument(trx, tenantId(tenant));
      await deleteStyles(trx, tenantId(tenant));
      await deleteReferencesIn(trx, tenant);
    });
  }
}
