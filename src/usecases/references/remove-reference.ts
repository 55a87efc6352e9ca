import type { Context } from "../../context.ts";
import type { SavedImage, SavedImageName } from "../../contract/references.ts";
import type { Caller } from "../../contract/usecases.ts";
import { audited } from "../../policy/audit-log.ts";
import { requireAdmin } from "../../policy/rights.ts";
import type { Trx } from "../../store/connection.ts";
import { deleteReference } from "../../store/named-references.ts";
import { findReference, isShared, savedImage } from "./find-reference.ts";

/** Deletes a saved image; its file goes with the next cleaning, unless a job needs it. Throws Refusal `reference-*`, `admins-only`. */
export async function removeReference(context: Context, named: SavedImageName, caller: Caller): Promise<SavedImage> {
  const reference = await findReference(context, named, caller);
  const { name, foldedName: subject } = reference;
  const remove = async (trx: Trx) => {
    await deleteReference(trx, reference);
    return { name };
  };
  if (!isShared(reference)) await context.database.transaction(remove);
  else {
    requireAdmin(context, caller);
    await audited(context, { name: "reference-remove", subject, caller }, remove);
  }
  return savedImage(reference);
}
