import type { Context } from "../../context.ts";
import { newestIn } from "../../jobs/waiting.ts";
import { documentsOf, forgetDocument, goneId, tenantId } from "../../policy/documents.ts";
import { writeSetting } from "../../store/settings.ts";
import { cancelWaiting } from "../cancel-waiting.ts";

interface Gone {
  readonly at: number;
}

/** The bot was removed there: what was not sent is cancelled and given back; content goes as the retention says. */
export async function tenantGone(context: Context, tenant: string): Promise<void> {
  const at = context.world.now();
  await context.database.transaction((trx) => writeSetting(trx, goneId(tenant), { at } satisfies Gone, at));
  await cancelWaiting(context, { tenant });
  context.log.info({ tenant }, "a tenant is gone: its waiting jobs are cancelled");
}

/** Deletes the rules of tenants that were gone before then and did not come back. */
export async function forgetTenants(context: Context, before: number): Promise<void> {
  for (const [tenant, { at }] of await documentsOf<Gone>(context.database.db, goneId(""))) {
    if (at >= before) continue;
    await context.database.transaction(async (trx) => {
      const back = (await newestIn(trx, tenant)) > at;
      for (const id of [goneId(tenant), ...(back ? [] : [tenantId(tenant)])]) await forgetDocument(trx, id);
    });
  }
}
