import type { StoredImage } from "../../image.ts";
import type { Change, NamedReference, Request } from "../../request.ts";
import type { OrderIntake } from "./intake.ts";
import { type NewOrder, placeholderImage } from "./resolve-order.ts";

/** The files of a request: those that were there before, those of the member, and the mask. */
export type RequestFiles = Pick<Request, "references" | "mask">;

/**
 * Fetches the files of an order, and puts them in the place of the placeholders. Throws Refusal `image-*`, `mask-*`,
 * `upload-quota`, `storage-quota`, `job-erased`.
 */
export async function takeFiles(intake: OrderIntake, order: NewOrder, request: Request): Promise<RequestFiles> {
  const { mask } = request;
  const references: StoredImage[] = [];
  for (const image of request.references) references.push(await intake.asReference(image));
  if (!("draft" in order)) return mask ? { references, mask } : { references };
  const taken: StoredImage[] = [];
  for (const file of order.draft.images ?? []) taken.push(await intake.take(file));
  const all = references.map((image) => (image === placeholderImage ? taken.shift() : image)).filter(isThere);
  const [first] = all;
  if (!order.draft.mask || !first) return { references: all };
  return { references: all, mask: await intake.takeMask(order.draft.mask, first) };
}

function isThere(image: StoredImage | undefined): image is StoredImage {
  return image !== undefined;
}

/** Adds to a quote which saved images the prompt names, and, as only the files could tell, that one is an animation. */
export function noted<Quote extends { readonly changes: readonly Change[] }>(quote: Quote, request: Noted): Quote {
  const { references, named = [], plainNames: names = [] } = request;
  const notes: Change[] = [
    ...(references.some(({ firstFrame }) => firstFrame) ? [{ code: "first-frame" } as const] : []),
    ...(named.length > 0 ? [{ code: "references-named", references: named.map(nameOf) } as const] : []),
    ...(names.length > 0 ? [{ code: "names-unknown", names } as const] : []),
  ];
  return notes.length === 0 ? quote : { ...quote, changes: [...quote.changes, ...notes] };
}

type Noted = Pick<Request, "references" | "named" | "plainNames">;

const nameOf = ({ name, shared }: NamedReference) => ({ name, shared });
