import type { Context } from "../../context.ts";
import type { Style, StyleName } from "../../contract/styles.ts";
import type { Caller } from "../../contract/usecases.ts";
import { audited } from "../../policy/audit-log.ts";
import { memberId } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import type { Trx } from "../../store/connection.ts";
import { deleteStyle } from "../../store/styles.ts";
import { findStyle, styleView } from "./find-style.ts";

/** Deletes a style; its files go with the next cleaning, unless a job needs them. Throws Refusal `style-*`, `admins-only`. */
export async function removeStyle(context: Context, named: StyleName, caller: Caller): Promise<Style> {
  const style = await findStyle(context, named, caller);
  const { owner, foldedName, name } = style;
  const remove = async (trx: Trx) => {
    await deleteStyle(trx, owner, foldedName);
    return { name };
  };
  if (owner === memberId(caller.member)) await context.database.transaction(remove);
  else {
    requireAdmin(context, caller);
    await audited(context, { name: "style-remove", subject: foldedName, caller }, remove);
  }
  return styleView(style);
}
