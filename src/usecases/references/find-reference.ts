import type { Context } from "../../context.ts";
import type { SavedImage, SavedImageName } from "../../contract/references.ts";
import type { Caller } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { memberId, tenantId } from "../../policy/documents.ts";
import { readReferenceName } from "../../policy/reference-names.ts";
import { type KeptReference, referencesIn } from "../../store/named-references.ts";

export type StoredReference = KeptReference<StoredImage>;

/** The saved images that a caller may start from: own ones first. A member's own are for the member in that tenant alone. */
export function storedReferences({ database }: Context, { member, tenant }: Caller): Promise<StoredReference[]> {
  const owners = [memberId(member), tenantId(tenant)]; // "member:" comes before "tenant:"
  return referencesIn<StoredImage>(database.db, owners, tenant);
}

/** The ones that names in a prompt mean, by their folded names: an own one hides one of the tenant that is called so. */
export function byName(references: readonly StoredReference[]): ReadonlyMap<string, StoredReference> {
  const named = new Map<string, StoredReference>();
  for (const reference of references) {
    if (!named.has(reference.foldedName)) named.set(reference.foldedName, reference);
  }
  return named;
}

export const isShared = ({ owner }: Pick<StoredReference, "owner">) => owner.startsWith("tenant:");

export async function listReferences(context: Context, caller: Caller): Promise<readonly SavedImage[]> {
  const references = await storedReferences(context, caller);
  const named = byName(references);
  return references.map((reference) => {
    const hidden = named.get(reference.foldedName) !== reference;
    return hidden ? { ...savedImage(reference), hidden } : savedImage(reference);
  });
}

/** Throws Refusal `reference-name`, `reference-unknown`. */
export async function findReference(
  context: Context,
  { name: typed, shared = false }: SavedImageName,
  caller: Caller,
): Promise<StoredReference> {
  const { foldedName, name } = readReferenceName(typed);
  const all = (await storedReferences(context, caller)).filter((reference) => !shared || isShared(reference));
  const found = all.find((reference) => reference.foldedName === foldedName);
  if (found) return found;
  throw new Refusal("reference-unknown", { name, known: [...byName(all).values()].map((one) => one.name) });
}

export function savedImage(reference: StoredReference): SavedImage {
  const { name, savedAt, image } = reference;
  return { name, shared: isShared(reference), image, savedAt };
}
