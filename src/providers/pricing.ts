import type { Pixels } from "../image.ts";
import type { Credits, Quote, Request } from "../request.ts";
import type { Provider } from "./provider.ts";

type Priced = Pick<Provider, "price" | "leastPrice">;

/** One paid call of a job, as far as its price goes. */
export interface PricedCall {
  /** Undefined when the service has left the configuration. */
  readonly provider: Priced | undefined;
  /** The cost of the call as the service told it; null when it did not tell. */
  readonly cost: Credits | null;
  /** The images that arrived. */
  readonly images: readonly Pixels[];
}

/** A job's price as it was quoted, and held. */
export interface HeldPrice {
  readonly request: Request;
  readonly unit: Credits;
  readonly held: Credits;
}

/** Every price that members pay; a settlement never passes its quote, as it is cut to what was held and to the unit. */
export interface Pricing {
  /** The most that a request can cost its member, which is what is held. */
  quote(provider: Priced, request: Request): Pick<Quote, "unit" | "total">;
  /**
   * Prices the images that arrived: each at its measured pixels, or at what its call cost where the service told less.
   * Where it did not tell, and its price is only a ceiling, a member pays the least that an image can have cost, and the
   * operator the rest. An image that did not arrive costs nothing.
   */
  settle(job: HeldPrice, calls: readonly PricedCall[]): Credits;
}

/** `markupPercent` comes on top of the services' prices; a whole number. */
export function createPricing(markupPercent: number): Pricing {
  const withMarkup = (cost: Credits): Credits => Math.ceil((cost * (100 + markupPercent)) / 100);

  function settleCall({ request, unit }: HeldPrice, { provider, cost, images }: PricedCall): Credits {
    const chargeFor = (image: Pixels) => (provider ? withMarkup(settledPrice(provider, request, image, cost)) : unit);
    const byImages = images.reduce((sum, image) => sum + Math.min(unit, chargeFor(image)), 0);
    return cost === null ? byImages : Math.min(byImages, withMarkup(cost));
  }
  return {
    quote(provider, request) {
      const unit = withMarkup(provider.price(request));
      return { unit, total: unit * request.count };
    },
    settle: (job, calls) =>
      Math.min(
        job.held,
        calls.reduce((sum, call) => sum + settleCall(job, call), 0),
      ),
  };
}

/** The service's price of one image by its measured pixels, never above the price of what was asked for. */
function measuredPrice(provider: Priced, request: Request, image: Pixels): Credits {
  return Math.min(provider.price(request), provider.price({ ...request, size: image }));
}

function settledPrice(provider: Priced, request: Request, image: Pixels, cost: Credits | null): Credits {
  const price = measuredPrice(provider, request, image);
  if (cost !== null || !provider.leastPrice) return price;
  return Math.min(price, provider.leastPrice({ ...request, size: image }));
}

/** Prices a call for the operator by the price list: what arrived at its pixels, and at the price asked for what is damaged. */
export function callCost(
  provider: Priced,
  request: Request,
  { images, damaged }: { readonly images: readonly Pixels[]; readonly damaged: number },
): Credits {
  return images.reduce(
    (sum, image) => sum + measuredPrice(provider, request, image),
    provider.price(request) * damaged,
  );
}

/** Tells what a call for `asked` images may cost the operator at most, before it is made. */
export function callEstimate(provider: Priced, request: Request, asked: number): Credits {
  return provider.price(request) * asked;
}
