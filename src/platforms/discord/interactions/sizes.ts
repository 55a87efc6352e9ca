import type { Draft, UseCases } from "../../../contract/usecases.ts";
import type { Tier } from "../../../request.ts";
import { parseSize, tiers } from "../../../request.ts";
import type { Text } from "../../../text/text.ts";

/** A size with what it would cost. */
export interface PricedSize {
  /** As it is typed. */
  readonly value: string;
  /** With its price, in the member's language. */
  readonly name: string;
}

const ratios = ["1:1", "3:2", "2:3", "16:9", "9:16", "4:3", "3:4", "21:9"];
const offered: readonly string[] = [
  "auto",
  ...tiers.flatMap((tier: Tier) => ratios.map((ratio) => `${tier} ${ratio}`)),
];

/** Every tier in the usual shapes that a service here can make, at most 25, each at its price for this request. */
export function pricedSizes(draft: Partial<Draft>, usecases: Pick<UseCases, "services">, text: Text): PricedSize[] {
  return offered.map((size) => priced(size, draft, usecases, text)).filter((size) => size !== undefined);
}

/** Prices the typed size, when it can be made. */
export function pricedSize(
  typed: string,
  draft: Partial<Draft>,
  usecases: Pick<UseCases, "services">,
  text: Text,
): PricedSize | undefined {
  return parseSize(typed) && priced(typed, draft, usecases, text);
}

function priced(size: string, draft: Partial<Draft>, usecases: Pick<UseCases, "services">, text: Text) {
  const services = usecases.services({ ...draft, size });
  // The name of a service alone means its first model.
  const isMeant = (name: string) => draft.provider === undefined || `${name}/`.startsWith(`${draft.provider}/`);
  const possible = services.filter(({ name, total }) => total !== undefined && isMeant(name));
  const [first] = possible;
  if (first?.total === undefined) return undefined;
  return { value: size, name: text.discord.size(size, first.total) };
}
