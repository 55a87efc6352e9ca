import type { Pixels } from "../../../image.ts";
import type { Credits } from "../../../request.ts";
import { gptImage2, suggestedSizes } from "../../gpt-image-2.ts";
import type { Capabilities } from "../../provider.ts";
import type { TokenPrices } from "./price.ts";
import {
  type CountTokens,
  firstImageTokens,
  imageTokens,
  type MadeQuality,
  patchesOfReference,
  tilesOfReference,
} from "./tokens.ts";

/** One model of OpenAI's Images API: what it can do, what it costs, and when it ends. */
export interface OpenAiModel {
  /** The names under which it is called; the first is the usual one. */
  readonly ids: readonly string[];
  readonly capabilities: Capabilities;
  /** US dollars for a million tokens. */
  readonly prices: TokenPrices;
  /** Undefined where OpenAI publishes no count: then the operator must tell the most (OPENAI_TOKEN_PRICES). */
  readonly outputTokens?: CountTokens;
  readonly mostPerReference: (fidelity: "low" | "high") => number;
  /** The published price of one image, in credits, where it lies above that of its tokens: quotes count it. */
  readonly published?: Readonly<Record<MadeQuality, { readonly square: Credits; readonly other: Credits }>>;
  /** `input_fidelity` is sent; gpt-image-2 and later refuse the word, and are always loyal (OA-20). */
  readonly sendsFidelity?: boolean;
  /** The first day, in UTC, on which it answers nobody. */
  readonly endsOn?: string;
  readonly source: string;
}

const page = (id: string) => `developers.openai.com/api/docs/models/${id}`;
const deprecations = "developers.openai.com/api/docs/deprecations";

/** The sizes of the models before gpt-image-2 (OA-6). */
const firstSizes: readonly Pixels[] = suggestedSizes.slice(0, 3);

/** The models before gpt-image-2 can do this (OA-6 to OA-20). */
const first: Capabilities = {
  ...gptImage2,
  sizes: firstSizes,
  customSizes: false,
  backgrounds: ["auto", "opaque", "transparent"],
};

/** Since gpt-image-2 the same for all: OA-24, and the models' own pages. */
const laterPrices: TokenPrices = { textIn: 5, textInCached: 1.25, imageIn: 8, imageInCached: 2, imageOut: 30 };
const gptImage15Prices: TokenPrices = { ...laterPrices, imageOut: 32, textOut: 10 };

/** gpt-image-2.5 makes transparent backgrounds again. */
const transparentToo: Capabilities = { ...gptImage2, backgrounds: ["auto", "opaque", "transparent"] };

/** Every model that is known, the preferred one first. */
export const openAiModels: readonly OpenAiModel[] = [
  {
    ids: ["gpt-image-2", "gpt-image-2-2026-04-21"],
    capabilities: gptImage2, // transparent is refused, unless OPENAI_TRANSPARENT says otherwise
    prices: laterPrices,
    outputTokens: imageTokens,
    mostPerReference: patchesOfReference,
    source: "OA-24, community.openai.com/t/1382699",
  },
  ...["sunburst", "flare"].map((kind) => ({
    ids: [`gpt-image-2.5-${kind}`, `gpt-image-2.5-${kind}-2026-09-08`],
    capabilities: transparentToo,
    prices: laterPrices,
    mostPerReference: patchesOfReference,
    source: "apifox.com/apiskills/gpt-image-2-5-api-cn (read from OpenAI's pages on 2026-09-09)",
  })),
  ...["sunburst", "flare"].map((kind) => ({
    ids: [`gpt-image-2.6-${kind}`],
    capabilities: gptImage2, // whether it makes transparent backgrounds was not found
    prices: laterPrices,
    mostPerReference: patchesOfReference,
    source: page(`gpt-image-2.6-${kind}`),
  })),
  {
    ids: ["gpt-image-1.5", "gpt-image-1.5-2025-12-16"],
    capabilities: first,
    prices: gptImage15Prices,
    outputTokens: firstImageTokens,
    mostPerReference: tilesOfReference,
    sendsFidelity: true,
    endsOn: "2026-12-01",
    source: `docs.apiyi.com/api-capabilities/gpt-image-2/historical-versions, ${deprecations}`,
  },
  {
    ids: ["chatgpt-image-latest"],
    capabilities: first,
    prices: gptImage15Prices,
    outputTokens: firstImageTokens,
    mostPerReference: tilesOfReference,
    sendsFidelity: true,
    endsOn: "2026-12-01",
    source: `priced as gpt-image-1.5; ${deprecations}`,
  },
  {
    ids: ["gpt-image-1-mini"],
    capabilities: { ...first, fidelity: false },
    prices: { textIn: 2, textInCached: 0.2, imageIn: 2.5, imageInCached: 0.25, imageOut: 8 },
    outputTokens: firstImageTokens,
    mostPerReference: tilesOfReference,
    published: {
      low: { square: 5, other: 6 },
      medium: { square: 11, other: 15 },
      high: { square: 36, other: 52 },
    },
    endsOn: "2026-12-01",
    source: `${page("gpt-image-1-mini")}, ${deprecations}`,
  },
  {
    ids: ["gpt-image-1"],
    capabilities: first,
    prices: { textIn: 5, textInCached: 1.25, imageIn: 10, imageInCached: 2.5, imageOut: 40 },
    outputTokens: firstImageTokens,
    mostPerReference: tilesOfReference,
    sendsFidelity: true,
    endsOn: "2026-10-23",
    source: page("gpt-image-1"),
  },
];

/** Models that ended before this program knew how to call them. */
const formerModels: Readonly<Record<string, string>> = { "dall-e-2": "2026-05-12", "dall-e-3": "2026-05-12" };

/** Finds a model by a name; relays write the seller's name in front of it (`openai/gpt-image-2`). */
export function modelNamed(name: string): OpenAiModel | undefined {
  const id = bareId(name);
  return openAiModels.find(({ ids }) => ids.includes(id));
}

/** The first day on which a model answers nobody, as `2026-12-01`; undefined when none is known. */
export function endOfModel(name: string): string | undefined {
  return modelNamed(name)?.endsOn ?? formerModels[bareId(name)];
}

/** The id of a model without the seller's name. */
export function bareId(name: string): string {
  return name.replace(/^openai\//i, "").toLowerCase();
}
