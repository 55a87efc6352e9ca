import type { Credits } from "../request.ts";
import type { ProviderVariable } from "./provider.ts";

/** Describes a variable that holds a price in US dollars; `of` completes "the price of …", `such` gives examples. */
export function dollarPrice(of: string, such: string, fallback?: string): ProviderVariable {
  return {
    must: `must be the price of ${of} in US dollars, such as ${such}`,
    accepts: (value) => /^\d{1,4}(\.\d{1,6})?$/.test(value) && Number(value) > 0,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

/** Converts dollars to credits, rounded up; they are read exactly to their sixth decimal. */
export function creditsFor(dollars: number): Credits {
  return Math.ceil(Math.round(dollars * 1_000_000) / 1000);
}
