import type { Context } from "../../context.ts";
import type { AsWritten, Caller, Offer, WordsTaken } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { Settings } from "../../policy/documents.ts";
import type { Request } from "../../request.ts";
import type { Proposal } from "./propose.ts";
import { quoteView, routeOf } from "./propose.ts";
import { type NewOrder, placeholderImage, resolveOrder } from "./resolve-order.ts";
import { noted, type RequestFiles } from "./take-files.ts";

/** An order as it is read, with its files; they are the same as it was written. */
interface ReadOrder {
  readonly order: NewOrder;
  readonly files: RequestFiles;
  /** The credits that the member has. */
  readonly available: Proposal["quote"]["available"];
}

/** The options that were taken out of an order's sentence, and the other way to make it; undefined when nothing was taken. */
export async function wordsTaken(
  context: Context,
  { order, files, available }: ReadOrder,
  caller: Caller,
  settings: Settings,
): Promise<WordsTaken | undefined> {
  if (!("draft" in order) || !order.draft.asWritten) return undefined;
  const { asWritten, ...draft } = order.draft;
  const offer = async (): Promise<Offer> => {
    const written = { ...order, draft: { ...draft, ...asWritten } };
    const resolved = await resolveOrder(context, written, caller, settings);
    const request = withTaken(resolved.request, files);
    const route = routeOf(context, resolved.request, await context.keys.services(caller.tenant));
    return { request, quote: noted(quoteView(route, available, settings), request) };
  };
  return { taken: takenOptions(draft, asWritten), asWritten: await offer().catch(undefinedWhenRefused) };
}

/** A request with an order's files as they were taken; the saved images that it names may be others than those beside them. */
export function withTaken(request: Request, files: RequestFiles | undefined): Request {
  const references = request.references.map((image, place) =>
    image === placeholderImage || image.format === "gif" ? (files?.references[place] ?? image) : image,
  );
  return { ...request, ...files, references };
}

/** Lists the options whose words, or part of them, were taken from the sentence, each as it counts. */
export function takenOptions(draft: AsWritten, asWritten: AsWritten): WordsTaken["taken"] {
  const { prompt: _, ...options } = asWritten;
  const names = Object.keys(options) as (keyof typeof options)[];
  return Object.fromEntries(
    names.filter((name) => draft[name] !== options[name]).map((name) => [name, draft[name]] as const),
  );
}

function undefinedWhenRefused(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}
