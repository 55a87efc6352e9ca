import type { Context } from "../../context.ts";
import type { StyleUseCases } from "../../contract/styles.ts";
import type { Caller } from "../../contract/usecases.ts";
import { audited } from "../../policy/audit-log.ts";
import { tenantId } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import { isNoStyle } from "../../policy/styles.ts";
import { setStyleDefault } from "../../store/styles.ts";
import { findStyle } from "./find-style.ts";

/** Makes a style of the tenant the default; see StyleUseCases.setDefault. */
export async function setDefault(
  context: Context,
  { name, channel }: Parameters<StyleUseCases["setDefault"]>[0],
  caller: Caller,
): Promise<void> {
  requireAdmin(context, caller);
  const owner = tenantId(caller.tenant);
  const style = isNoStyle(name) ? undefined : await findStyle(context, { name, shared: true }, caller);
  await audited(context, { name: "style-default", subject: channel ?? caller.tenant, caller }, async (trx) => {
    await setStyleDefault(trx, owner, { channel, foldedName: style?.foldedName });
    return { style: style?.name };
  });
}
