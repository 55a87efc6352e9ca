import { serviceOf } from "../request.ts";

/** The services for which a tenant brought a key. */
export interface OwnServices {
  has(provider: string): boolean;
  /** Its key can be opened. */
  isReadable(provider: string): boolean;
  /** Calls by its key fail: another of them is the better choice now. */
  isOpen(provider: string): boolean;
}

/** A tenant that pays nothing itself. */
export const noOwnServices: OwnServices = { has: () => false, isReadable: () => false, isOpen: () => false };

/** A tenant that pays everything itself: what is asked for has its price, whoever has a key. */
export const everyService: OwnServices = { has: () => true, isReadable: () => true, isOpen: () => false };

/** The services of a tenant's keys, by name. */
export function ownServices(
  keys: ReadonlyMap<string, { readonly isReadable: boolean }>,
  isOpen: (provider: string) => boolean,
): OwnServices {
  return {
    has: (provider) => keys.has(serviceOf(provider)),
    isReadable: (provider) => keys.get(serviceOf(provider))?.isReadable === true,
    isOpen,
  };
}
