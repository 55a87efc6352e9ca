import type { Context } from "../../context.ts";
import type { Caller, QuoteView } from "../../contract/usecases.ts";
import type { Limits, Spending } from "../../credits/credits.ts";
import { Refusal, type RefusalFacts } from "../../errors.ts";
import { maxBytesPerImage } from "../../images/images.ts";
import type { Job } from "../../jobs/job.ts";
import { countQueued, findByInbound } from "../../jobs/queue.ts";
import { type Settings, settingsFor } from "../../policy/documents.ts";
import { enforcePolicy } from "../../policy/rules.ts";
import type { OwnServices } from "../../providers/own-services.ts";
import type { Route } from "../../providers/router.ts";
import type { Credits, Request } from "../../request.ts";
import { refuseUnfitting } from "../references/named-references.ts";
import type { ResolvedOrder } from "./resolve-order.ts";

/** Whoever has not said otherwise is asked before spending more than this. */
const confirmAboveUnlessSet = 500;

/** The facts that are read from the database before an order is looked at, each once. */
export interface Facts {
  /** The job that the inbound event made before. */
  readonly earlier: Job | undefined;
  readonly settings: Settings;
}

/** A request that could be accepted now. */
export interface Proposal extends ResolvedOrder {
  readonly route: Route;
  readonly quote: QuoteView;
}

export async function readFacts({ admit, database: { db } }: Context, caller: Caller): Promise<Facts> {
  const [earlier, settings] = await admit(() =>
    Promise.all([findByInbound(db, caller.inbound), settingsFor(db, caller)]),
  );
  return { earlier, settings };
}

/**
 * Routes a request, and checks everything that can be checked before its files are here and without a lock; the
 * transaction that accepts it checks again. Throws Refusal.
 */
export async function propose(
  context: Context,
  resolved: ResolvedOrder,
  caller: Caller,
  settings: Settings,
): Promise<Proposal> {
  const { member, tenant } = caller;
  const route = routeOf(context, resolved.request, await context.keys.services(tenant));
  const limits = enforcePolicy(settings, resolved.request, caller);
  const { total, count } = { ...route.quote, ...route.request };
  const available = await foresee(context, { member, tenant, amount: total, own: ownPart([route]) }, limits);
  if (!(await context.images.hasSpaceFor(maxBytesPerImage * count))) throw new Refusal("disk-full", {});
  return { ...resolved, route, quote: quoteView(route, available, settings, resolved) };
}

/** The credits that the member could spend now. Throws what would keep so many jobs out of the queue, or their price from being held. */
export function foresee(context: Context, spending: Spending, limits: Limits, jobs = 1): Promise<Credits> {
  return context.admit(async () => {
    refuseFullQueue(context, await countQueued(context.database.db, spending.member), jobs);
    return context.credits.foresee(spending, limits);
  });
}

/** Proposes the first of several requests that could be accepted. Throws the Refusal of the last. */
export async function proposeFirst(
  context: Context,
  choices: readonly ResolvedOrder[],
  caller: Caller,
  settings: Settings,
): Promise<Proposal> {
  let refused: Refusal | undefined;
  for (const resolved of choices) {
    try {
      return await propose(context, resolved, caller, settings);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused = error;
    }
  }
  throw refused ?? new Error("an order comes to no request");
}

/** Refuses what would not fit into its member's queue. Throws Refusal `too-many-queued`. */
export function refuseFullQueue({ queuedPerMember: limit }: Context, queued: number, wanted = 1): void {
  if (queued + wanted > limit) throw new Refusal("too-many-queued", wanted === 1 ? { limit } : { limit, wanted });
}

/** Chooses the service for a request. Throws Refusal; `references-full` where a service has no room for a saved image. */
export function routeOf({ router }: Context, request: Request, own: OwnServices): Route {
  try {
    return router.route(request, own);
  } catch (error) {
    if (error instanceof Refusal) refuseUnfitting(request, roomFor(error));
    throw error;
  }
}

/** Adds up the prices for services that the tenant pays by keys of its own. */
export function ownPart(routes: readonly Route[]): Credits {
  return routes.reduce((sum, { payer, quote }) => sum + (payer === "tenant" ? quote.total : 0), 0);
}

/** The references that a service takes, where it refused for having too many. */
function roomFor({ code, facts }: Refusal): number {
  if (code === "references-unsupported") return 0;
  return code === "too-many-references" ? (facts as RefusalFacts[typeof code]).max : Number.POSITIVE_INFINITY;
}

/** Throws Refusal `step-too-dear`: nobody is asked, so nothing is made that costs more than its payer spends unasked. */
export function refuseUnasked(
  { quote: { total } }: Pick<Proposal, "quote">,
  { member }: Settings,
  caller: Caller,
): void {
  const { confirmAbove: limit = confirmAboveUnlessSet } = member;
  if (!caller.paidBy && total > limit) throw new Refusal("step-too-dear", { total, limit });
}

/** The quote of a route as the member sees it. */
export function quoteView(
  { provider, quote }: Route,
  available: Credits,
  { member }: Settings,
  { isDoubtful = false }: Pick<ResolvedOrder, "isDoubtful"> = {},
): QuoteView {
  const { confirmAbove = confirmAboveUnlessSet } = member;
  const { total } = quote;
  const confirm = isDoubtful || total > confirmAbove;
  return { ...quote, provider: provider.label, available, after: available - total, confirm };
}
