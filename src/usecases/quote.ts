import type { Context } from "../context.ts";
import type { Caller, Draft, Files, QuoteView } from "../contract/usecases.ts";
import { requireAllowedTenant } from "../policy/allowed-tenants.ts";
import { settingsFor } from "../policy/documents.ts";
import { enforcePolicy } from "../policy/rules.ts";
import { quoteView, routeOf } from "./submit/propose.ts";
import { batchQuote, routeBatch } from "./submit/propose-batch.ts";
import { resolveBatch } from "./submit/resolve-batch.ts";
import { resolveOrder } from "./submit/resolve-order.ts";
import { noted, notedAll } from "./submit/take-files.ts";

const noFiles: Files = { references: 0, masked: false };

/** Prices a draft as of now, without looking at its files. Throws what submitting it would throw by the rules. */
export async function quote(
  context: Context,
  draft: Draft,
  caller: Caller,
  files: Files = noFiles,
): Promise<QuoteView> {
  requireAllowedTenant(context, caller);
  const { images: _, mask: __, ...typed } = draft;
  const settings = await settingsFor(context.database.db, caller);
  const order = files.of
    ? ({ kind: "edit", of: files.of, draft: typed, canvas: files.canvas } as const)
    : { kind: "draft" as const, draft: typed };
  const batch = await resolveBatch(context, order, caller, settings, files);
  if (batch) {
    const routed = await routeBatch(context, batch, caller, settings);
    const available = await context.credits.spendable(caller.member, routed.limits.allowance);
    const named = routed.parts.map(({ request }) => ({ ...request, references: [] }));
    return notedAll(batchQuote(routed, available, settings), named);
  }
  const resolved = await resolveOrder(context, order, caller, settings, files);
  const { request } = resolved;
  const route = routeOf(context, request, await context.keys.services(caller.tenant));
  const { allowance } = enforcePolicy(settings, request, caller);
  const available = await context.credits.spendable(caller.member, allowance);
  return noted(quoteView(route, available, settings, resolved), { ...request, references: [] });
}
