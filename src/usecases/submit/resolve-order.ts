import type { Context } from "../../context.ts";
import type { Caller, Draft, Files, JobImage, Order } from "../../contract/usecases.ts";
import type { StoredImage } from "../../image.ts";
import { readAlternatives } from "../../policy/alternatives.ts";
import { baseFor, type RequestBase } from "../../policy/defaults.ts";
import type { Settings } from "../../policy/documents.ts";
import { readDraft, readPrompt } from "../../policy/draft.ts";
import { inStyle, type NamedStyle, promptInStyle } from "../../policy/styles.ts";
import type { Request } from "../../request.ts";
import { type NamedInPrompt, namedReferences, refuseUnfitting } from "../references/named-references.ts";
import { styleOf } from "../styles/find-style.ts";
import { editBase, finishDraft, repeat, requireFiles } from "./derive-request.ts";
import { readNumberedImage } from "./numbered-image.ts";

/** An order whose request is not known from a confirmation. */
export type NewOrder = Exclude<Order, { readonly kind: "confirmation" }>;

/** An order that comes to one request, whatever the member can afford. */
export type PlainOrder = Exclude<NewOrder, { readonly kind: "final" | "batch-again" }>;

/** The request that an order comes to, and the job that it comes from. */
export interface ResolvedOrder {
  /** Holds a placeholder for each file that is not here yet. */
  readonly request: Request;
  readonly parent?: string | undefined;
  /** Something in it may be meant otherwise than it is read: it is not made before the member has seen that. */
  readonly isDoubtful?: boolean | undefined;
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
  if (order.kind === "batch-again") throw new Error("a batch is no single request");
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
  if (order.kind !== "draft" && order.kind !== "edit") return repeat(context, order.kind, order.of, caller);
  const meant = order.kind === "edit" ? await readNumberedImage(context, meantBy(order), caller) : undefined;
  const draft = meant ? { ...order.draft, prompt: meant.prompt } : order.draft;
  const canvas = order.kind === "edit" && order.canvas === true;
  const base = meant && (await baseOfEdit(context, meant.of, canvas, caller));
  // An edit starts from an image that has its style already.
  const style = await styleOf(context, draft.style, { caller, takesDefault: order.kind === "draft" });
  const words = draft.literal ? readPrompt(draft.prompt) : unescaped(readPrompt(draft.prompt));
  const written = { ...draft, prompt: style ? promptInStyle(words, style) : words };
  const { isDoubtful, ...named } = await namedReferences(context, written, caller);
  const kept = [...named.references.map(({ image }) => image), ...(style?.document.references ?? [])];
  await requireFiles(context, { references: kept });
  const ground = { base: base?.request ?? habits(context, draft, settings), style, named, files };
  return { request: draftRequest(draft, ground), parent: base?.parent, isDoubtful };
}

async function baseOfEdit(context: Context, of: JobImage, canvas: boolean, caller: Caller) {
  const base = await editBase(context, of, caller);
  return canvas ? { ...base, request: { ...base.request, references: [] } } : base;
}

function meantBy({ of, draft }: Extract<PlainOrder, { readonly kind: "edit" }>) {
  return { of, prompt: draft.prompt };
}

/** Gives what a draft leaves open; transparency that none of its services makes is passed over: nobody typed it now. */
function habits({ router }: Context, draft: Draft, settings: Settings): RequestBase {
  const base = baseFor(settings, router.knownNames);
  if (base.background !== "transparent") return base;
  return router.makes("transparent", draft.provider ?? base.provider) ? base : { ...base, background: "auto" };
}

/** Counts the files that come with an order. */
export function filesOf(order: NewOrder): Pick<Files, "references" | "masked"> {
  const { images = [], mask } = "draft" in order ? order.draft : {};
  return { references: images.length, masked: mask !== undefined };
}

interface Ground {
  readonly base: RequestBase;
  readonly style: NamedStyle | undefined;
  readonly named: Omit<NamedInPrompt, "isDoubtful">;
  readonly files: Pick<Files, "references" | "masked">;
}

/**
 * Reads a draft over a base, which counts where draft and style are silent. The base's references come first, then the
 * member's files, then the saved images that the prompt names, then those of the style: a mask is of the first, and never
 * of a style's. Throws Refusal.
 */
function draftRequest(
  { images: _, style: __, plainWords: ____, ...draft }: Draft,
  { base, style, named, files }: Ground,
): Request {
  const { style: ___, ...bare } = base;
  const placeholders = Array.from({ length: files.references }, () => placeholderImage);
  const brought = [...base.references, ...placeholders];
  const references = [...brought, ...named.references.map(({ image }) => image)];
  const ground = { ...(style ? inStyle(bare, style) : bare), references };
  const request = readDraft({ ...draft, prompt: named.prompt }, ground);
  const all: Request = {
    ...request,
    references: [...references, ...(style?.document.references ?? [])],
    ...namesFrom(named, brought.length),
  };
  refuseUnfitting(all);
  return files.masked && references.length > 0 ? { ...all, mask: placeholderImage } : all;
}

function namesFrom({ references, plainNames }: Ground["named"], first: number): Pick<Request, "named" | "plainNames"> {
  const named = references.map(({ name, shared }, index) => ({ name, shared, place: first + index }));
  return { ...(named.length > 0 ? { named } : {}), ...(plainNames.length > 0 ? { plainNames } : {}) };
}

/** A prompt without alternatives, as it is meant: a brace behind a backslash is a brace. */
function unescaped(prompt: string): string {
  return readAlternatives(prompt).first(1)[0] ?? prompt;
}
