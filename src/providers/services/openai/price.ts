import type { Pixels } from "../../../image.ts";
import { type Credits, isPixels, type Request } from "../../../request.ts";
import type { Json } from "../../decode/json.ts";

/** US dollars for a million tokens. */
export interface TokenPrices {
  readonly textIn: number;
  readonly imageIn: number;
  readonly imageOut: number;
}

interface Tokens {
  readonly textIn: number;
  readonly imageIn: number;
  readonly imageOut: number;
}

const creditsPerDollar = 1000;
const lineWeights = { low: 16, medium: 48, high: 96 } as const;

/** OA-12: each preview that is streamed costs as much. */
const tokensPerPreview = 100;
/** 1.2 for each of at most 1536 patches of 32 pixels: no reference is larger. */
const mostTokensPerReference = 1844;
/** Text tokens of the request beside the member's words. */
const textTokensBeside = 50;

/**
 * The tokens of one image, exactly as OpenAI's own calculator counts them: community.openai.com/t/1382699, which
 * agrees with the published prices of $0.006, $0.053 and $0.211 for 1024x1024. A square costs more than a wider image
 * of as many pixels.
 */
export function imageTokens({ width, height }: Pixels, quality: keyof typeof lineWeights): number {
  const weight = lineWeights[quality];
  const [short, long] = width < height ? [width, height] : [height, width];
  const lines = Math.round((weight * short) / long);
  return Math.ceil((weight * lines * (2_000_000 + width * height)) / 4_000_000);
}

/**
 * The most that one image of a request can cost: for `auto` the high quality and the dearest of `sizes`, every byte of
 * the prompt a token, every reference as large as it can be, every preview sent.
 */
export function quoted(
  request: Request,
  previews: number,
  { sizes, prices }: { readonly sizes: readonly Pixels[]; readonly prices: TokenPrices },
): Credits {
  const { prompt, references, mask, size, quality } = request;
  const possible = isPixels(size) ? [size] : sizes;
  const made = possible.map((pixels) => imageTokens(pixels, quality === "auto" ? "high" : quality));
  return creditsFor(prices, {
    textIn: Buffer.byteLength(prompt) + textTokensBeside,
    imageIn: mostTokensPerReference * (references.length + (mask ? 1 : 0)),
    imageOut: Math.max(...made) + tokensPerPreview * previews,
  });
}

/** The least that one image of a request can cost: for `auto` the low quality, and nothing but the image itself. */
export function leastPrice(
  { size, quality }: Request,
  { sizes, prices }: { readonly sizes: readonly Pixels[]; readonly prices: TokenPrices },
): Credits {
  const possible = isPixels(size) ? [size] : sizes;
  const made = possible.map((pixels) => imageTokens(pixels, quality === "auto" ? "low" : quality));
  return creditsFor(prices, { textIn: 0, imageIn: 0, imageOut: Math.min(...made) });
}

/** Prices a whole call by the `usage` in its answer (OA-15, OA-24); undefined when that tells nothing. */
export function costByUsage(answer: Json, prices: TokenPrices): Credits | undefined {
  const usage = field(answer, "usage");
  const output = tokens(field(usage, "output_tokens"));
  const input = tokens(field(usage, "input_tokens"));
  if (output === undefined || input === undefined || output === 0) return undefined;
  const text = tokens(field(field(usage, "input_tokens_details"), "text_tokens")) ?? 0;
  const textIn = Math.min(text, input);
  // Nothing but images comes out; `output_tokens_details` is mostly absent.
  return creditsFor(prices, { textIn, imageIn: input - textIn, imageOut: output });
}

/** Rounded up; the sum is exact to a millionth of a credit. */
function creditsFor(prices: TokenPrices, tokens: Tokens): Credits {
  const dollarsForMillion =
    tokens.textIn * prices.textIn + tokens.imageIn * prices.imageIn + tokens.imageOut * prices.imageOut;
  return Math.ceil(Math.round(dollarsForMillion * creditsPerDollar) / 1_000_000);
}

function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

function tokens(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
