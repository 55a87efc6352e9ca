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
  const [files] = await takeFilesOfAll(intake, order, [request]);
  return files ?? { references: [] };
}

/** The same for all requests that an order comes to, each file once. */
export async function takeFilesOfAll(
  intake: OrderIntake,
  order: NewOrder,
  requests: readonly Request[],
): Promise<readonly RequestFiles[]> {
  const known = new Map<string, StoredImage>();
  const kept: StoredImage[][] = [];
  for (const { references } of requests) {
    const own: StoredImage[] = [];
    for (const image of references) {
      const usable = known.get(image.file) ?? (await intake.asReference(image));
      if (image !== placeholderImage) known.set(image.file, usable);
      own.push(usable);
    }
    kept.push(own);
  }
  if (!("draft" in order)) {
    return requests.map(({ mask }, at) => ({ references: kept[at] ?? [], ...(mask ? { mask } : {}) }));
  }
  const taken: StoredImage[] = [];
  for (const file of order.draft.images ?? []) taken.push(await intake.take(file));
  const all = kept.map((references) => filledIn(references, taken));
  const [first] = all[0] ?? [];
  const mask = order.draft.mask && first && (await intake.takeMask(order.draft.mask, first));
  return all.map((references) => (mask ? { references, mask } : { references }));
}

function filledIn(references: readonly StoredImage[], taken: readonly StoredImage[]): readonly StoredImage[] {
  const rest = [...taken];
  return references.map((image) => (image === placeholderImage ? rest.shift() : image)).filter(isThere);
}

function isThere(image: StoredImage | undefined): image is StoredImage {
  return image !== undefined;
}

/** Adds to a quote which saved images the prompt names, and, as only the files could tell, that one is an animation. */
export function noted<Quote extends Quoted>(quote: Quote, request: Noted): Quote {
  return notedAll(quote, [request]);
}

/** The same for requests that are made together: each note once. */
export function notedAll<Quote extends Quoted>(quote: Quote, requests: readonly Noted[]): Quote {
  const references = distinct(requests.flatMap(({ named = [] }) => named.map(nameOf)));
  const names = distinct(requests.flatMap(({ plainNames = [] }) => plainNames));
  const isMoving = requests.some((request) => request.references.some(({ firstFrame }) => firstFrame));
  const notes: Change[] = [
    ...(isMoving ? [{ code: "first-frame" } as const] : []),
    ...(references.length > 0 ? [{ code: "references-named", references } as const] : []),
    ...(names.length > 0 ? [{ code: "names-unknown", names } as const] : []),
  ];
  return notes.length === 0 ? quote : { ...quote, changes: [...quote.changes, ...notes] };
}

interface Quoted {
  readonly changes: readonly Change[];
}

type Noted = Pick<Request, "references" | "named" | "plainNames">;

const nameOf = ({ name, shared }: NamedReference) => ({ name, shared });

function distinct<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
