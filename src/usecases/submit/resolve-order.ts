import type { Context } from "../../context.ts";
import type { Caller, Draft, Files, Order } from "../../contract/usecases.ts";
import type { StoredImage } from "../../image.ts";
import { baseFor, type RequestBase } from "../../policy/defaults.ts";
import type { Settings } from "../../policy/documents.ts";
import { readDraft } from "../../policy/draft.ts";
import type { Request } from "../../request.ts";
import { editBase, finishDraft, repeat } from "./derive-request.ts";

/** An order whose request is not known from a confirmation. */
export type NewOrder = Exclude<Order, { readonly kind: "confirmation" }>;

/** An order that comes to one request, whatever the member can afford. */
type PlainOrder = Exclude<NewOrder, { readonly kind: "final" }>;

/** The request that an order comes to, and the job that it comes from. */
export interface ResolvedOrder {
  /** Holds a placeholder for each file that is not here yet. */
  readonly request: Request;
  readonly parent?: string | undefined;
}

/** Stands for a file that is not here yet: services and prices go by how many there are, never by what they show. */
export const placeholderImage: StoredImage = {
  file: "",
  sha256: "",
  format: "png",
  width: 1024,
  height: 1024,
  bytes: 0,
};

/** The requests that an order may come to: the first that can be accepted counts. Throws Refusal. */
export async function resolveChoices(
  context: Context,
  order: NewOrder,
  caller: Caller,
  settings: Settings,
): Promise<readonly ResolvedOrder[]> {
  if (order.kind === "final") return finishDraft(context, order.of, caller);
  return [await resolveOrder(context, order, caller, settings)];
}

/** Reads an order without touching its files. Throws Refusal. */
export async function resolveOrder(
  context: Context,
  order: PlainOrder,
  caller: Caller,
  settings: Settings,
  files: Pick<Files, "references" | "masked"> = filesOf(order),
): Promise<ResolvedOrder> {
  switch (order.kind) {
    case "draft":
      return { request: draftRequest(order.draft, habits(context, order.draft, settings), files) };
    case "edit": {
      const { request: base, parent } = await editBase(context, order.of, caller);
      return { request: draftRequest(order.draft, base, files), parent };
    }
    default:
      return repeat(context, order.kind, order.of, caller);
  }
}

/** Gives what a draft leaves open; transparency that none of its services makes is passed over: nobody typed it now. */
function habits({ router }: Context, draft: Draft, settings: Settings): RequestBase {
  const base = baseFor(settings, router.names);
  if (base.background !== "transparent") return base;
  return router.makes("transparent", draft.provider ?? base.provider) ? base : { ...base, background: "auto" };
}

/** Counts the files that come with an order. */
export function filesOf(order: NewOrder): Pick<Files, "references" | "masked"> {
  const { images = [], mask } = "draft" in order ? order.draft : {};
  return { references: images.length, masked: mask !== undefined };
}

/** Reads a draft over a base, which counts where the draft is silent, and whose references come first. */
function draftRequest(
  { images: _, ...draft }: Draft,
  base: RequestBase,
  files: Pick<Files, "references" | "masked">,
): Request {
  const placeholders = Array.from({ length: files.references }, () => placeholderImage);
  const references = [...base.references, ...placeholders];
  const request = readDraft(draft, { ...base, references });
  return files.masked && references.length > 0 ? { ...request, mask: placeholderImage } : request;
}
