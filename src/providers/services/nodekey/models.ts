import { type Credits, type Tier, tierOf, tiers } from "../../../request.ts";
import { creditsFor, dollarPrice } from "../../dollars.ts";
import { suggestedSizes } from "../../gpt-image-2.ts";
import type { Capabilities, ProviderVariable } from "../../provider.ts";

type Extra = Readonly<Record<string, string>>;

/** NK-5: each tier is a model of its own, with its own sizes; the first of them is what it makes without one (NK-4). */
const tierModels = { "1K": "gpt-image-2-1k", "2K": "gpt-image-2-2k", "4K": "gpt-image-2-4k" } as const;
/** NK-3, X-30: of these the document tells neither sizes nor prices; the sizes that it lists anywhere are offered. */
const freeModels = ["gpt-image-2", "gpt-image-2-vip"] as const;
const known: readonly string[] = [...freeModels, ...Object.values(tierModels)];

/** There is no list: only the models of the tiers are used, as the size has it. */
const onlyBySize = "none";

/** NK-15: the document has no prices. */
const price = dollarPrice("one image there", "0.04");

export const nodeKeyVariables: Readonly<Record<string, ProviderVariable>> = {
  NODEKEY_PRICE_1K_USD: price,
  NODEKEY_PRICE_2K_USD: price,
  NODEKEY_PRICE_4K_USD: price,
  NODEKEY_MODELS: {
    must:
      "must be the models that members may choose by name, each with the price of an image in US dollars, or of 1K/2K/4K, " +
      "such as gpt-image-2-vip=0.08,gpt-image-2=0.02/0.05/0.1,gpt-image-2-4k; those of the tiers have a price already",
    accepts: (value) => value === onlyBySize || listed(value) !== undefined,
    fallback: onlyBySize,
  },
};

/** One model as it is used, or that of each tier in turn. */
export interface NodeKeyModel {
  /** Undefined: the size picks it. */
  readonly id: string | undefined;
  readonly sizes: Capabilities["sizes"];
  /** Undefined: the dearest that it can become. */
  priceAt(tier: Tier | undefined): Credits;
}

/** The models that members may choose, the one that goes by size first. */
export function configuredModels({ NODEKEY_MODELS: text = onlyBySize }: Extra): readonly (string | undefined)[] {
  return [undefined, ...(text === onlyBySize ? [] : (listed(text)?.keys() ?? []))];
}

/** Reads settings that are accepted. */
export function chosenModel(extra: Extra, id: string | undefined): NodeKeyModel {
  const own = id === undefined ? undefined : listed(extra.NODEKEY_MODELS ?? "")?.get(id);
  const ofModel = tiers.find((tier) => tierModels[tier] === id);
  const prices = own?.length ? own : tiers.map((tier) => Number(extra[`NODEKEY_PRICE_${ofModel ?? tier}_USD`]));
  const credits = tiers.map((_, at) => creditsFor(prices[at] ?? prices[0] ?? 0));
  return {
    id,
    sizes: ofModel ? suggestedSizes.filter((size) => tierOf(size) === ofModel) : suggestedSizes,
    priceAt: (tier) => (tier === undefined ? Math.max(...credits) : (credits[tiers.indexOf(tier)] ?? 0)),
  };
}

/** The model to which a tier belongs. */
export function modelOfTier(tier: Tier): string {
  return tierModels[tier];
}

/**
 * Reads `gpt-image-2-vip=0.08,gpt-image-2=0.02/0.05/0.1`: one price for all tiers or one for each. Undefined when it is not
 * written so.
 */
function listed(text: string): ReadonlyMap<string, readonly number[]> | undefined {
  const models = new Map<string, readonly number[]>();
  for (const part of text.split(",")) {
    const [id = "", ...rest] = part.trim().split("=");
    const prices = rest.flatMap((each) => each.split("/"));
    const isPriced = prices.length === 1 || prices.length === tiers.length || (rest.length === 0 && isOfTier(id));
    const isGood = known.includes(id) && !models.has(id) && rest.length <= 1 && isPriced && prices.every(price.accepts);
    if (!isGood) return undefined;
    models.set(id, prices.map(Number));
  }
  return models;
}

function isOfTier(id: string): boolean {
  return Object.values<string>(tierModels).includes(id);
}
