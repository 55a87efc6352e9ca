import type { StoredImage } from "../../image.ts";
import type { Change, Request } from "../../request.ts";
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

/** Adds to a quote what only the files themselves could tell: that one of them is an animation. */
export function noted<Quote extends { readonly changes: readonly Change[] }>(
  quote: Quote,
  { references }: RequestFiles,
): Quote {
  if (!references.some(({ firstFrame }) => firstFrame)) return quote;
  return { ...quote, changes: [...quote.changes, { code: "first-frame" }] };
}
