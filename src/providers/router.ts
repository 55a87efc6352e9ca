import { Refusal } from "../errors.ts";
import type { Pixels } from "../image.ts";
import { type Credits, isPixels, type Quote, type Request, tierOf } from "../request.ts";
import { fitRequest } from "./fit-request.ts";
import type { Provider } from "./provider.ts";

interface Route {
  readonly provider: Provider;
  /** As the provider can take it. */
  readonly request: Request;
  readonly quote: Quote;
}

/** Chooses the service for a request, and knows what members pay. Pure. */
export interface Router {
  /** In the order of preference. */
  readonly names: readonly string[];
  /**
   * The first service that can do it, or the one that the member insists on. Throws Refusal: `provider-unknown`, or
   * why the preferred service cannot.
   */
  route(request: Request): Route;
  get(name: string): Provider | undefined;
  /** What a member pays for one image of these pixels: never more than was quoted for `request` as routed. */
  settledUnit(request: Request, provider: Provider, image: Pixels): Credits;
}

export interface RouterOptions {
  /** In the order of preference. */
  readonly providers: readonly Provider[];
  /** On top of the service's price; a whole number. */
  readonly markupPercent: number;
}

export function createRouter({ providers, markupPercent }: RouterOptions): Router {
  const names = providers.map(({ name }) => name);
  const unitPrice = (request: Request, provider: Provider): Credits =>
    Math.ceil((provider.price(request) * (100 + markupPercent)) / 100);

  function candidates(name: string | undefined): readonly Provider[] {
    if (name === undefined) return providers;
    const chosen = providers.filter((provider) => provider.name === name);
    if (chosen.length === 0) throw new Refusal("provider-unknown", { provider: name, allowed: names });
    return chosen;
  }

  function routeTo(provider: Provider, asked: Request): Route {
    const { request, changes } = fitRequest(asked, provider);
    const unit = unitPrice(request, provider);
    const tier = isPixels(request.size) ? { tier: tierOf(request.size) } : {};
    return {
      provider,
      request,
      quote: { provider: provider.name, ...tier, unit, total: unit * request.count, changes },
    };
  }

  return {
    names,
    route(request) {
      let first: Refusal | undefined;
      for (const provider of candidates(request.provider)) {
        try {
          return routeTo(provider, request);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          first ??= error;
        }
      }
      throw first ?? new Error("no image service is configured");
    },
    get: (name) => providers.find((provider) => provider.name === name),
    settledUnit(request, provider, image) {
      return Math.min(unitPrice(request, provider), unitPrice({ ...request, size: image }, provider));
    },
  };
}
