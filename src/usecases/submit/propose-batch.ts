import type { Context } from "../../context.ts";
import type { Caller, LeftOut, QuoteView } from "../../contract/usecases.ts";
import type { Limits } from "../../credits/credits.ts";
import { Refusal } from "../../errors.ts";
import { maxBytesPerImage } from "../../images/images.ts";
import type { Settings } from "../../policy/documents.ts";
import { enforcePolicy } from "../../policy/rules.ts";
import type { OwnServices } from "../../providers/own-services.ts";
import type { Balance } from "../../providers/provider.ts";
import type { Route } from "../../providers/router.ts";
import { type Change, type Credits, type Request, serviceOf } from "../../request.ts";
import { foresee, ownPart, quoteView, routeOf } from "./propose.ts";
import type { ResolvedBatch } from "./resolve-batch.ts";
import type { ResolvedOrder } from "./resolve-order.ts";

/** A part that could be accepted now. */
export interface ProposedPart extends ResolvedOrder {
  readonly route: Route;
}

/** Parts that could be accepted now, together. */
export interface BatchProposal {
  readonly parts: readonly ProposedPart[];
  readonly leftOut: readonly LeftOut[];
  readonly quote: QuoteView;
  /** The request of the first part, with the prompt as it was written. */
  readonly request: Request;
}

export interface RoutedBatch extends Pick<BatchProposal, "parts" | "leftOut" | "request"> {
  readonly limits: Limits;
}

/** Routes and checks every part as `propose` does one request, and all of them together. Throws Refusal. */
export async function proposeBatch(
  context: Context,
  batch: ResolvedBatch,
  caller: Caller,
  settings: Settings,
): Promise<BatchProposal> {
  const { member, tenant } = caller;
  const routed = await routeBatch(context, batch, caller, settings);
  const { parts, limits } = routed;
  const amount = totalOf(parts.map(({ route }) => route.quote));
  const own = ownPart(parts.map(({ route }) => route));
  const available = await foresee(context, { member, tenant, amount, own }, limits, parts.length);
  const images = parts.reduce((sum, { request }) => sum + request.count, 0);
  if (!(await context.images.hasSpaceFor(maxBytesPerImage * images))) throw new Refusal("disk-full", {});
  return { ...routed, quote: batchQuote(routed, available, settings) };
}

/** Routes every part. A service that cannot take part in a comparison is left out; if none can, the first says why. Throws Refusal. */
export async function routeBatch(
  context: Context,
  { written, by, parts: resolved }: ResolvedBatch,
  caller: Caller,
  settings: Settings,
): Promise<RoutedBatch> {
  const balances = by === "prompts" ? {} : await context.balances.read().catch(() => ({}));
  const own = await context.keys.services(caller.tenant);
  const [parts, leftOut]: [ProposedPart[], LeftOut[]] = [[], []];
  let limits: Limits = {};
  for (const { request, parent } of resolved) {
    limits = enforcePolicy(settings, request, caller);
    try {
      parts.push({
        request,
        parent,
        route: routeOfPart(context, request, own, by === "prompts" ? undefined : { balances, tenant: caller.tenant }),
      });
    } catch (error) {
      if (!(error instanceof Refusal) || by === "prompts") throw error;
      noteLeftOut(context, leftOut, request, error);
    }
  }
  const [first] = parts;
  if (!first) throw leftOut[0] ? new Refusal(leftOut[0].refusal.code, leftOut[0].refusal.facts) : new Error("no parts");
  const noted = parts.map((part) => withNote(part, { written, by, size: parts.length }));
  return { parts: noted, leftOut, limits, request: { ...first.request, prompt: written } };
}

/** With balances, refuses a service that has trouble or no money: a comparison does not wait for it. */
function routeOfPart(
  context: Context,
  request: Request,
  own: OwnServices,
  known: { readonly balances: Readonly<Record<string, Balance>>; readonly tenant: string } | undefined,
): Route {
  const route = routeOf(context, request, own);
  if (!known) return route;
  const isOwn = route.payer === "tenant";
  const breakers = isOwn ? context.keys.breakers(known.tenant) : context.breakers;
  const balances = isOwn ? {} : known.balances; // those of the operator
  const { label: provider } = route.provider;
  const { provider: name } = route.quote;
  if (breakers.isResting(name) || breakers.isOpen(name)) throw new Refusal("service-resting", { provider });
  const balance = balances[name] ?? balances[serviceOf(name)];
  if (balance && balance.amount <= 0) throw new Refusal("service-empty", { provider });
  return route;
}

/** Each service once, however many prompts it cannot draw. */
function noteLeftOut({ router }: Context, leftOut: LeftOut[], { provider = "" }: Request, refusal: Refusal): void {
  const service = router.get(provider)?.label ?? provider;
  const { code, facts } = refusal;
  if (!leftOut.some((each) => each.service === service)) leftOut.push({ service, refusal: { code, facts } });
}

function withNote(part: ProposedPart, batch: NonNullable<Request["batch"]>): ProposedPart {
  const { request, route } = part;
  return { ...part, request: { ...request, batch }, route: { ...route, request: { ...route.request, batch } } };
}

/** The sum of the parts' prices. */
function totalOf(quotes: readonly { readonly total: Credits }[]): Credits {
  return quotes.reduce((sum, { total }) => sum + total, 0);
}

/** The price of a batch as the member sees it. */
export function batchQuote({ parts }: Pick<RoutedBatch, "parts">, available: Credits, settings: Settings): QuoteView {
  const quotes = parts.map(({ route }) => quoteView(route, available, settings));
  const [first] = quotes;
  if (!first) throw new Error("a batch has no parts");
  const total = totalOf(quotes);
  return {
    ...first,
    provider: [...new Set(quotes.map(({ provider }) => provider))].join(", "),
    total,
    after: available - total,
    confirm: false, // it is asked about in its own way
    changes: distinct(quotes.flatMap(({ changes }) => changes)),
    batch: {
      prompts: new Set(parts.map(({ request }) => request.prompt)).size,
      services: new Set(quotes.map(({ provider }) => provider)).size,
      images: parts.reduce((sum, { request }) => sum + request.count, 0),
    },
  };
}

function distinct(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}
