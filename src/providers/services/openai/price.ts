import type { Pixels } from "../../../image.ts";
import { type Credits, isPixels, type Request } from "../../../request.ts";
import type { Json } from "../../decode/json.ts";
import type { OpenAiModel } from "./models.ts";
import type { CountTokens, MadeQuality } from "./tokens.ts";
import { type UsedTokens, usageIn } from "./usage.ts";

/** US dollars for a million tokens. */
export interface TokenPrices {
  readonly textIn: number;
  readonly textInCached: number;
  readonly imageIn: number;
  readonly imageInCached: number;
  readonly imageOut: number;
  /** Undefined where words that come out cost as much as images. */
  readonly textOut?: number;
}

/** Everything that a price is made of. */
export interface PriceList extends Pick<OpenAiModel, "mostPerReference" | "published"> {
  readonly prices: TokenPrices;
  readonly outputTokens: CountTokens;
  /** The sizes that `auto` may become. */
  readonly sizes: readonly Pixels[];
}

const creditsPerDollar = 1000;

/** OA-12: each preview that is streamed costs as much. */
const tokensPerPreview = 100;
/** Text tokens of the request beside the member's words. */
const textTokensBeside = 50;

/**
 * The most that one image of a request can cost: for `auto` the dearest quality and size, every byte of the prompt a
 * token, every reference as large as it can be, every preview sent, nothing cached.
 */
export function quoted(request: Request, previews: number, list: PriceList): Credits {
  const { prompt, references, mask, fidelity } = request;
  const made = imagesPossible(request, list, ["low", "medium", "high"]);
  const cost = creditsFor(list.prices, {
    ...nothing,
    textIn: Buffer.byteLength(prompt) + textTokensBeside,
    imageIn: list.mostPerReference(fidelity) * (references.length + (mask ? 1 : 0)),
    imageOut: Math.max(...made.map(({ tokens }) => tokens)) + tokensPerPreview * previews,
  });
  return Math.max(cost, ...made.map(({ published }) => published));
}

/** The least that one image of a request can cost: for `auto` the cheapest quality, and nothing but the image itself. */
export function leastPrice(request: Request, list: PriceList): Credits {
  const made = imagesPossible(request, list, ["low"]);
  return creditsFor(list.prices, { ...nothing, imageOut: Math.min(...made.map(({ tokens }) => tokens)) });
}

/** Every image that a request can come to; `auto` may be any of `qualities`. */
function imagesPossible(
  { size, quality }: Request,
  { sizes, outputTokens, published }: PriceList,
  qualities: readonly MadeQuality[],
): { tokens: number; published: Credits }[] {
  const pixels = isPixels(size) ? [size] : sizes;
  const made = quality === "auto" ? qualities : [quality];
  return made.flatMap((each) =>
    pixels.map((one) => ({
      tokens: outputTokens(one, each),
      published: published?.[each][one.width === one.height ? "square" : "other"] ?? 0,
    })),
  );
}

/** Prices a whole call by the `usage` in its answer (OA-15, OA-24); undefined when that tells nothing. */
export function costByUsage(answer: Json, prices: TokenPrices): Credits | undefined {
  const used = usageIn(answer);
  return used && creditsFor(prices, used);
}

const nothing: UsedTokens = { textIn: 0, textInCached: 0, imageIn: 0, imageInCached: 0, imageOut: 0, textOut: 0 };

/** Rounded up; the sum is exact to a millionth of a credit. */
function creditsFor(prices: TokenPrices, used: UsedTokens): Credits {
  const dollarsForMillion =
    used.textIn * prices.textIn +
    used.textInCached * prices.textInCached +
    used.imageIn * prices.imageIn +
    used.imageInCached * prices.imageInCached +
    used.imageOut * prices.imageOut +
    used.textOut * (prices.textOut ?? prices.imageOut);
  return Math.ceil(Math.round(dollarsForMillion * creditsPerDollar) / 1_000_000);
}
