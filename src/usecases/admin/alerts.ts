import type { Context } from "../../context.ts";
import type { AlertStatus } from "../../contract/alerts.ts";
import type { Caller } from "../../contract/usecases.ts";
import { lastClosed } from "../../jobs/channel-messages.ts";
import { audited } from "../../policy/audit-log.ts";
import { changeTenantRules, rulesOf } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import { tryChannel } from "../try-channel.ts";

/** Shows where alerts and the weekly digest of the caller's tenant go, or changes it; see AdminUseCases.alerts. */
export async function alerts(
  context: Context,
  channel: string | null | undefined,
  caller: Caller,
): Promise<AlertStatus> {
  requireAdmin(context, caller);
  const { platform, tenant, locale } = caller;
  if (channel !== undefined) {
    if (channel !== null) await tryChannel(context, { channel, purpose: "alerts" }, caller);
    const alerts = channel === null ? undefined : { platform, tenant, channel, locale };
    await audited(context, { name: "alerts", subject: tenant, caller }, (trx) =>
      changeTenantRules(trx, context.world.now(), tenant, () => ({ alerts })),
    );
  }
  const { db } = context.database;
  const { alerts: now } = await rulesOf(db, tenant);
  return { channel: now, closed: now && (await lastClosed(db, { tenant, channel: now.channel })) };
}
