import { dollarPrice } from "../../dollars.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import type { Capabilities, ProviderVariable } from "../../provider.ts";
import { endOfModel, modelNamed, type OpenAiModel, openAiModels } from "./models.ts";
import type { PriceList, TokenPrices } from "./price.ts";
import { type CountTokens, type MadeQuality, patchesOfReference } from "./tokens.ts";

type Extra = Readonly<Record<string, string>>;

/** The operator leaves a price to what is known of the model. */
const published = "published";

const perMillion = (): ProviderVariable => {
  const price = dollarPrice("a million tokens", "8 or 0.5");
  return { ...price, accepts: (value) => value === published || price.accepts(value), fallback: published };
};

/** The names that OPENAI_TOKEN_PRICES gives to prices in dollars, and to the most tokens of one image. */
const priceNames = ["text", "cached-text", "image", "cached-image", "output", "text-output"] as const;
const tokenNames = ["low", "medium", "high"] as const;
type PriceName = (typeof priceNames)[number] | (typeof tokenNames)[number];

/** The variables of the service beside its key and address. */
export const openAiVariables: Readonly<Record<string, ProviderVariable>> = {
  OPENAI_MODEL: {
    must: "must be the id of a GPT image model, such as gpt-image-2",
    accepts: (value) => /^[\w.:/-]{1,100}$/.test(value),
    fallback: "gpt-image-2",
  },
  OPENAI_TOKEN_PRICES: {
    must:
      "must be the prices of a million tokens in US dollars and the most output tokens of one image by quality, " +
      "such as text=5,image=8,output=30,low=300,medium=1800,high=7100",
    accepts: (value) => value === published || readPrices(value) !== undefined,
    fallback: published,
  },
  OPENAI_TRANSPARENT: {
    must: "must be on, off or auto: does the model make transparent backgrounds?",
    accepts: (value) => ["on", "off", "auto"].includes(value),
    fallback: "auto",
  },
  OPENAI_PARTIAL_IMAGES: {
    must: "must be 0 to 3: previews that keep the connection of a slow call alive; 0 turns streaming off",
    accepts: (value) => /^[0-3]$/.test(value),
    fallback: "1",
  },
  OPENAI_TEXT_IN_USD: perMillion(),
  OPENAI_IMAGE_IN_USD: perMillion(),
  OPENAI_IMAGE_OUT_USD: perMillion(),
};

/** Sentences about a model that has ended, or that nobody told how to price. */
export function modelProblems(extra: Extra, now: number): string[] {
  const name = extra.OPENAI_MODEL ?? "";
  const end = endOfModel(name);
  if (end !== undefined && Date.parse(end) <= now) {
    return [`OPENAI_MODEL is ${name}, which ended on ${end}: choose another, such as ${openAiModels[0]?.ids[0]}.`];
  }
  const model = modelNamed(name);
  const missing = missingFor(extra, model);
  if (missing.length === 0) return [];
  const why = model ? "publishes no count of its tokens" : "is not a model that this program can price";
  return [
    `OPENAI_MODEL is ${name}, which ${why}: OPENAI_TOKEN_PRICES must tell ${missing.join(", ")}, ` +
      "as in text=5,image=8,output=30,low=300,medium=1800,high=7100.",
  ];
}

function missingFor(extra: Extra, model: OpenAiModel | undefined): string[] {
  const own = ownPricesIn(extra);
  const prices = model ? [] : (["text", "image", "output"] as const);
  const tokens = model?.outputTokens ? [] : (["low", "medium", "high"] as const);
  return [...prices, ...tokens].filter((name) => own[name] === undefined);
}

/** The model as the operator chose it: what it can do, and its prices, the operator's own before those published. */
export interface ChosenModel {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number | undefined;
  readonly capabilities: Capabilities;
  readonly sendsFidelity: boolean;
  readonly list: PriceList;
}

/** Reads settings that have no problems. */
export function chosenModel(extra: Extra): ChosenModel {
  const id = extra.OPENAI_MODEL ?? "";
  const model = modelNamed(id);
  const end = endOfModel(id);
  const capabilities = capabilitiesOf(model?.capabilities ?? gptImage2, extra.OPENAI_TRANSPARENT);
  const own = ownPricesIn(extra);
  const ownPrices = Object.keys(own).length > 0;
  return {
    id,
    endsAt: end === undefined ? undefined : Date.parse(end),
    capabilities,
    sendsFidelity: model?.sendsFidelity ?? false,
    list: {
      sizes: capabilities.sizes,
      prices: pricesOf(own, model?.prices),
      outputTokens: tokensOf(own, model?.outputTokens),
      mostPerReference: model?.mostPerReference ?? patchesOfReference,
      ...(model?.published && !ownPrices ? { published: model.published } : {}),
    },
  };
}

function capabilitiesOf(capabilities: Capabilities, transparent: string | undefined): Capabilities {
  if (transparent === "on") return { ...capabilities, backgrounds: ["auto", "opaque", "transparent"] };
  if (transparent === "off") return { ...capabilities, backgrounds: ["auto", "opaque"] };
  return capabilities;
}

/** Cached tokens of a model that nobody published cost as much as others, unless the operator tells. */
function pricesOf(own: OwnPrices, known: TokenPrices | undefined): TokenPrices {
  const textIn = own.text ?? known?.textIn ?? 0;
  const imageIn = own.image ?? known?.imageIn ?? 0;
  const textOut = own["text-output"] ?? known?.textOut;
  return {
    textIn,
    textInCached: own["cached-text"] ?? (own.text === undefined ? known?.textInCached : undefined) ?? textIn,
    imageIn,
    imageInCached: own["cached-image"] ?? (own.image === undefined ? known?.imageInCached : undefined) ?? imageIn,
    imageOut: own.output ?? known?.imageOut ?? 0,
    ...(textOut === undefined ? {} : { textOut }),
  };
}

/** Takes the operator's numbers for every size. */
function tokensOf(own: OwnPrices, known: CountTokens | undefined): CountTokens {
  const of = (quality: MadeQuality) => own[quality];
  return (size, quality) => of(quality) ?? known?.(size, quality) ?? 0;
}

type OwnPrices = Partial<Record<PriceName, number>>;

/** Reads the operator's prices, from one variable or from those for single prices, which come first. */
function ownPricesIn(extra: Extra): OwnPrices {
  const single = {
    text: extra.OPENAI_TEXT_IN_USD,
    image: extra.OPENAI_IMAGE_IN_USD,
    output: extra.OPENAI_IMAGE_OUT_USD,
  };
  const given = Object.entries(single).filter(([, value]) => Number(value) > 0);
  return {
    ...readPrices(extra.OPENAI_TOKEN_PRICES ?? published),
    ...Object.fromEntries(given.map(([name, value]) => [name, Number(value)])),
  };
}

/** Undefined when it is not written as it must be. */
function readPrices(text: string): OwnPrices | undefined {
  const own: OwnPrices = {};
  for (const part of text.split(",")) {
    const { name = "", value = "" } =
      /^\s*(?<name>[a-z-]+)\s*=\s*(?<value>\d{1,7}(\.\d{1,6})?)\s*$/.exec(part)?.groups ?? {};
    const price = priceNames.find((each) => each === name);
    const tokens = tokenNames.find((each) => each === name);
    if (price) own[price] = Number(value);
    else if (tokens && Number.isInteger(Number(value))) own[tokens] = Number(value);
    else return undefined;
  }
  return own;
}
