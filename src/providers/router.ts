import { Refusal, type RefusalFacts } from "../errors.ts";
import { type Credits, isPixels, type Payer, type Quote, type Request, serviceOf, tierOf } from "../request.ts";
import type { Breakers } from "./breakers.ts";
import { fitRequest } from "./fit-request.ts";
import { findProvider, lastingName } from "./offered.ts";
import { noOwnServices, type OwnServices } from "./own-services.ts";
import { createPricing, type Pricing } from "./pricing.ts";
import type { Provider } from "./provider.ts";
import { endDate, type Retirement, type Retirements } from "./retirements.ts";

/** A service that can do a request, the request as it takes it, and the price. */
export interface Route {
  readonly provider: Provider;
  /** As the provider can take it. */
  readonly request: Request;
  readonly quote: Quote;
  /** Absent: the operator. */
  readonly payer?: Payer;
}

/** Limits the route of a job that must go on elsewhere. */
export interface RouteLimits {
  /** Services that are out of the question, or single models of theirs, by their lasting names. */
  readonly except: readonly string[];
  /** Per image. */
  readonly atMost: Credits;
  /** Nobody else pays for it: a service for which the tenant brought a key is the tenant's to pay, any other the operator's. */
  readonly payer: Payer;
}

/** Chooses the service for a request, and knows what members pay. */
export interface Router {
  /** As members choose them, in the order of preference. */
  readonly names: readonly string[];
  /** Every name by which one of them can be meant: of a service alone, with its model, as jobs keep it. */
  readonly knownNames: readonly string[];
  /**
   * The first service that can do it, if possible without leaving anything out and not known to be down; or the one that
   * the member insists on. Services for which the tenant brought a key come before all others, and are never called by
   * another key. Throws Refusal: `provider-unknown`, or why the preferred service cannot.
   */
  route(request: Request, own?: OwnServices, limits?: RouteLimits): Route;
  /** By any of its names; the name of a service alone means its first model. */
  get(name: string): Provider | undefined;
  /** Its model answers nobody any more. */
  hasEnded(provider: Provider): boolean;
  /** The operator pays for calls to it: it is not there for keys of tenants alone. */
  isFunded(provider: Provider): boolean;
  /** Some service, or the one that is named, makes this background. */
  makes(background: Request["background"], provider?: string): boolean;
  /** The end of its model, once that is near or past. */
  retirement(name: string): Retirement | undefined;
  /** The prices that its quotes are made of. */
  readonly pricing: Pricing;
}

export interface RouterOptions {
  /** In the order of preference. */
  readonly providers: readonly Provider[];
  /** On top of the service's price; a whole number. */
  readonly markupPercent: number;
  readonly breakers: Pick<Breakers, "isOpen">;
  /** Services beside these that make transparent backgrounds, by their labels: named where none of these does. */
  readonly makeTransparent?: readonly string[];
  /** Absent where no model ends. */
  readonly retirements?: Pick<Retirements, "of" | "near" | "hasEnded">;
  /** Services that are called by keys of tenants only. */
  readonly unfunded?: readonly string[];
}

export function createRouter(options: RouterOptions): Router {
  const { providers, markupPercent, retirements } = options;
  const pricing = createPricing(markupPercent);
  const { isFunded, bestOf } = createChoice(options, pricing);
  const hasEnded = ({ name }: Provider) => retirements?.hasEnded(name) === true;
  const names = providers.map(({ name }) => name);

  return {
    names,
    knownNames: [...new Set([...names, ...providers.map(lastingName), ...names.map(serviceOf)])],
    hasEnded,
    isFunded,
    route(request, own = noOwnServices, limits) {
      const free = providers.filter((provider) => !isExcepted(provider, limits) && isOf(limits?.payer, provider, own));
      const allowed = request.provider === undefined ? free : named(request.provider, { providers, free, hasEnded });
      const mine = bestOf(
        allowed.filter(({ name }) => own.has(name)),
        request,
        own,
        limits,
      );
      if (mine.best) return mine.best;
      if (mine.closed) throw mine.closed; // nobody else is to pay without a word
      const others = bestOf(
        allowed.filter(({ name }) => !own.has(name)),
        request,
        own,
        limits,
      );
      if (others.best) return others.best;
      const [first] = [...mine.refusals, ...others.refusals];
      throw first ? namingAble(first, options) : new Refusal("no-service", {});
    },
    get: (name) => findProvider(providers, name),
    makes: (background, only) => makersOf(background, options, only).length > 0,
    retirement: (name) => retirements?.near()[name],
    pricing,
  };
}

/** Prices what each service can do, and compares. */
function createChoice({ breakers, retirements, unfunded = [] }: RouterOptions, pricing: Pricing) {
  const isFunded = ({ name }: Provider) => !unfunded.includes(serviceOf(name));

  function routeTo(provider: Provider, asked: Request, own: OwnServices): Route {
    const end = retirements?.hasEnded(provider.name) ? retirements.of(provider.name) : undefined;
    if (end) throw new Refusal("service-ended", { provider: provider.label, model: end.model, date: endDate(end) });
    const { request, changes } = fitRequest(asked, provider);
    const price = pricing.quote(provider, request);
    const quote = { provider: lastingName(provider), ...tierIn(request), ...price, changes };
    if (!own.has(provider.name)) {
      if (!isFunded(provider)) throw new Refusal("own-key-needed", { provider: provider.label });
      return { provider, request, quote };
    }
    if (!own.isReadable(provider.name)) throw new Refusal("own-key-unreadable", { provider: provider.label });
    return { provider, request, quote, payer: "tenant" };
  }

  /** A route that leaves nothing out comes before preference, and a service that works before one that is known to be down. */
  function drawbacks({ provider, quote, payer }: Route, own: OwnServices): number {
    const drops = quote.changes.some(({ code }) => code === "option-dropped");
    const { isOpen } = payer === "tenant" ? own : breakers;
    return (isOpen(lastingName(provider)) ? 2 : 0) + (drops ? 1 : 0);
  }

  /** The best of these, or why none of them can. */
  function bestOf(some: readonly Provider[], asked: Request, own: OwnServices, limits: RouteLimits | undefined) {
    const tried = some.map((provider) => attempt(() => routeTo(provider, asked, own)));
    const routes = tried.flatMap(({ route }) => route ?? []);
    const affordable = routes.filter(({ quote }) => !limits || quote.unit <= limits.atMost);
    const [best] = affordable.toSorted((a, b) => drawbacks(a, own) - drawbacks(b, own));
    const refusals = tried.flatMap(({ refusal }) => refusal ?? []);
    return { best, refusals, closed: refusals.find(({ code }) => code === "own-key-unreadable") };
  }
  return { isFunded, bestOf };
}

function tierIn({ size }: Request): Pick<Quote, "tier"> {
  return size === "auto" ? {} : { tier: isPixels(size) ? tierOf(size) : size.tier };
}

/** The services that make a background and whose models have not ended; `only` one of them. */
function makersOf(background: string, { providers, retirements }: RouterOptions, only?: string): readonly Provider[] {
  const working = providers.filter(({ name }) => !retirements?.hasEnded(name));
  const meant = only === undefined ? working : [findProvider(working, only) ?? []].flat();
  return meant.filter(({ capabilities }) => capabilities.backgrounds.some((each) => each === background));
}

/** A refusal of a background, with the services that make it. */
function namingAble(refusal: Refusal, options: RouterOptions): Refusal {
  const { makeTransparent = [] } = options;
  if (refusal.code !== "option-unsupported") return refusal;
  const facts = refusal.facts as RefusalFacts["option-unsupported"];
  const able = makersOf(facts.value, options).map(({ label }) => label);
  return new Refusal("option-unsupported", { ...facts, able, others: able.length > 0 ? [] : makeTransparent });
}

function attempt(make: () => Route): { route?: Route; refusal?: Refusal } {
  try {
    return { route: make() };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

/** The free one that is meant, if possible with a model that has not ended. Refuses a name that no service has. */
function named(
  name: string,
  services: {
    readonly providers: readonly Provider[];
    readonly free: readonly Provider[];
    hasEnded(provider: Provider): boolean;
  },
): readonly Provider[] {
  const { providers, free, hasEnded } = services;
  const allowed = providers.map((provider) => provider.name);
  if (!findProvider(providers, name)) throw new Refusal("provider-unknown", { provider: name, allowed });
  const working = free.filter((provider) => !hasEnded(provider));
  return [findProvider(working, name) ?? findProvider(free, name) ?? []].flat();
}

/** Whoever pays for the job pays for calls to it too. */
function isOf(payer: Payer | undefined, { name }: Provider, own: OwnServices): boolean {
  return payer === undefined || (payer === "tenant") === own.has(name);
}

function isExcepted(provider: Provider, { except = [] }: Partial<RouteLimits> = {}): boolean {
  return except.includes(lastingName(provider)) || except.includes(serviceOf(provider.name));
}
