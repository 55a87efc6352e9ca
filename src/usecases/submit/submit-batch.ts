import type { Context } from "../../context.ts";
import type { BatchOffer, Caller, Offer, SubmitOptions, Submitted } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { Settings } from "../../policy/documents.ts";
import type { Credits, Request } from "../../request.ts";
import { shownBatch } from "../../views/batch-view.ts";
import { acceptBatch } from "./accept-job.ts";
import { takenOptions, withTaken } from "./as-written.ts";
import { askConfirmation } from "./confirmations.ts";
import { requireFiles } from "./derive-request.ts";
import type { OrderIntake } from "./intake.ts";
import { propose, quoteView } from "./propose.ts";
import { type BatchProposal, type ProposedPart, proposeBatch } from "./propose-batch.ts";
import { type NewOrder, type ResolvedOrder, resolveOrder } from "./resolve-order.ts";
import { noted, notedAll, type RequestFiles, takeFilesOfAll } from "./take-files.ts";

interface ProposedBatch {
  readonly proposal: BatchProposal;
  readonly order: NewOrder;
  readonly intake: OrderIntake;
  readonly settings: Settings;
}

/** Takes the files of a batch that could be accepted, and asks: it is never made unasked. */
export async function askForBatch(
  context: Context,
  { proposal, order, intake, settings }: ProposedBatch,
  caller: Caller,
): Promise<Submitted> {
  const { request, quote, leftOut } = proposal;
  const files = await takeFilesOfAll(
    intake,
    order,
    proposal.parts.map((part) => part.request),
  );
  const parts = proposal.parts.map((part, at) => withFiles(part, files[at]));
  const offer: Offer = { request: { ...request, ...files[0] }, quote, batch: offerOf(parts, leftOut, settings) };
  const literal = await literalOffer(context, { order, files: files[0], available: quote.available }, caller, settings);
  const words = literal && { taken: takenFrom(order), asWritten: literal };
  const kept = parts.map((part) => ({ request: part.request, parent: part.parent }));
  const question = {
    ...offer,
    quote: notedAll(
      quote,
      kept.map((part) => part.request),
    ),
    words,
    parts: kept,
  };
  return { kind: "confirmation", confirmation: await askConfirmation(context, question, caller) };
}

function withFiles(part: ProposedPart, files: RequestFiles | undefined): ProposedPart {
  const { request, route } = part;
  return { ...part, request: { ...request, ...files }, route: { ...route, request: { ...route.request, ...files } } };
}

function offerOf(parts: readonly ProposedPart[], leftOut: BatchOffer["leftOut"], settings: Settings): BatchOffer {
  const [first] = parts;
  const by = first?.request.batch?.by ?? "prompts";
  return {
    by,
    parts: parts.map(({ request, route }) => ({ request, quote: quoteView(route, 0, settings) })),
    leftOut,
  };
}

/** The sentence as it was written: one request, with its braces. Undefined when nothing was read in it, or it cannot be made. */
async function literalOffer(
  context: Context,
  {
    order,
    files,
    available,
  }: { readonly order: NewOrder; readonly files: RequestFiles | undefined; readonly available: Credits },
  caller: Caller,
  settings: Settings,
): Promise<Offer | undefined> {
  if (!("draft" in order) || order.draft.literal) return undefined;
  const { asWritten, ...draft } = order.draft;
  const provider = /^\s*compare/i.test(draft.provider ?? "") ? undefined : draft.provider;
  const written = { ...order, draft: { ...draft, ...asWritten, provider, literal: true } };
  try {
    const resolved = await resolveOrder(context, written, caller, settings);
    const { route } = await propose(context, resolved, caller, settings);
    const request = withTaken(resolved.request, files);
    return { request, quote: noted(quoteView(route, available, settings), request) };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function takenFrom(order: NewOrder) {
  if (!("draft" in order) || !order.draft.asWritten) return {};
  const { asWritten, ...draft } = order.draft;
  return takenOptions(draft, asWritten);
}

/** A batch that was confirmed. */
interface ConfirmedBatch {
  readonly confirmation: string;
  readonly parts: readonly { readonly request: Request; readonly parent?: string | undefined }[];
  /** The price that the member said yes to. */
  readonly total: Credits;
  readonly settings: Settings;
}

/** Makes all parts that were confirmed, or none, for no more than the confirmation said. */
export async function submitConfirmedBatch(
  context: Context,
  { confirmation, parts: confirmed, total, settings }: ConfirmedBatch,
  caller: Caller,
  { announce }: SubmitOptions,
): Promise<Submitted> {
  const [first] = confirmed;
  if (!first?.request.batch) throw new Error("a confirmed batch has no parts");
  for (const { request } of confirmed) await requireFiles(context, request);
  const parts: readonly ResolvedOrder[] = confirmed;
  // Each service was chosen by name where they are compared: what it cannot do by now refuses the whole.
  const batch = { written: first.request.batch.written, by: "prompts" as const, parts };
  const proposal = await proposeBatch(context, batch, caller, settings);
  if (proposal.quote.total > total) {
    throw new Refusal("price-risen", { confirmed: total, total: proposal.quote.total });
  }
  const { replyTarget } = caller;
  const announced = (await announce?.({ private: first.request.private, replyTarget })) ?? replyTarget;
  const acceptances = proposal.parts.map(({ parent, route }, at) => {
    const request = confirmed[at]?.request ?? route.request;
    const routed = {
      ...route,
      request: { ...route.request, batch: request.batch },
      quote: noted(route.quote, request),
    };
    return { request, route: routed as typeof route, parent };
  });
  const jobs = await acceptBatch(context, { parts: acceptances, confirmation }, { ...caller, replyTarget: announced });
  return { kind: "batch", batch: await shownBatch(context, jobs) };
}
