import { dollarPrice } from "../../dollars.ts";
import { gptImage2 } from "../../gpt-image-2.ts";
import type { Capabilities, ProviderVariable } from "../../provider.ts";
import { bareId, endOfModel, modelNamed, type OpenAiModel, openAiModels } from "./models.ts";
import { namedPrices, type OwnPrices, ownPricesIn, pricesAreForOneModel, published } from "./own-prices.ts";
import type { PriceList, TokenPrices } from "./price.ts";
import { type CountTokens, type MadeQuality, patchesOfReference } from "./tokens.ts";

type Extra = Readonly<Record<string, string>>;

/** There is no list: OPENAI_MODEL names the only model. */
const onlyOne = "none";

const modelId = /^[\w.:/-]{1,100}$/;

const perMillion = (): ProviderVariable => {
  const price = dollarPrice("a million tokens", "8 or 0.5");
  return { ...price, accepts: (value) => value === published || price.accepts(value), fallback: published };
};

/** The variables of the service beside its key and address. */
export const openAiVariables: Readonly<Record<string, ProviderVariable>> = {
  OPENAI_MODEL: {
    must: "must be the id of a GPT image model, such as gpt-image-2",
    accepts: (value) => modelId.test(value),
    fallback: "gpt-image-2",
  },
  OPENAI_MODELS: {
    must: "must be the ids of the models that members may choose between, the usual one first, such as gpt-image-2,gpt-image-1.5",
    accepts: (value) => idsIn(value).length > 0 && idsIn(value).every((id) => modelId.test(id)),
    fallback: onlyOne,
  },
  OPENAI_TOKEN_PRICES: {
    must:
      "must be the prices of a million tokens in US dollars and the most output tokens of one image by quality, " +
      "such as text=5,image=8,output=30,low=300,medium=1800,high=7100; of several models each behind its id, such as " +
      "gpt-image-3:text=5,image=8;gpt-image-4:text=6",
    accepts: (value) => value === published || namedPrices(value) !== undefined,
    fallback: published,
  },
  OPENAI_TRANSPARENT: {
    must: "must be on, off or auto: does the model make transparent backgrounds? Of several models such as gpt-image-3=on",
    accepts: (value) => transparencyIn(value) !== undefined,
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

/** The models that members may choose between, the first one first. */
export function configuredModels(extra: Extra): readonly string[] {
  return isList(extra) ? idsIn(extra.OPENAI_MODELS ?? "") : [extra.OPENAI_MODEL ?? ""];
}

/** Sentences about models that have ended, that nobody told how to price, or that contradict one another. */
export function modelProblems(extra: Extra, now: number): string[] {
  const ids = configuredModels(extra);
  const variable = isList(extra) ? "OPENAI_MODELS" : "OPENAI_MODEL";
  return [...listProblems(extra, ids), ...ids.flatMap((id) => problemsOf(variable, id, extra, now))];
}

function listProblems(extra: Extra, ids: readonly string[]): string[] {
  const { OPENAI_MODEL: single = "" } = extra;
  const bare = ids.map(bareId);
  const double = bare.find((id, at) => bare.indexOf(id) !== at);
  const contradicts = single !== openAiVariables.OPENAI_MODEL?.fallback && bareId(single) !== bare[0];
  return [
    ...(double === undefined ? [] : [`OPENAI_MODELS lists ${double} twice.`]),
    ...(contradicts
      ? [`OPENAI_MODEL is ${single}, and OPENAI_MODELS begins with ${ids[0]}: leave OPENAI_MODEL out.`]
      : []),
    ...(ids.length > 1 && pricesAreForOneModel(extra)
      ? [
          "OPENAI_MODELS lists several models: OPENAI_TOKEN_PRICES must tell of which model its prices are, " +
            `as in ${ids[0]}:text=5,image=8,output=30, and there is no other variable for prices then.`,
        ]
      : []),
  ];
}

function problemsOf(variable: string, name: string, extra: Extra, now: number): string[] {
  const says = variable === "OPENAI_MODEL" ? `OPENAI_MODEL is ${name}` : `OPENAI_MODELS lists ${name}`;
  const end = endOfModel(name);
  if (end !== undefined && Date.parse(end) <= now) {
    return [`${says}, which ended on ${end}: choose another, such as ${openAiModels[0]?.ids[0]}.`];
  }
  const model = modelNamed(name);
  const missing = missingFor(ownPricesIn(extra, name), model);
  if (missing.length === 0) return [];
  const why = model ? "publishes no count of its tokens" : "is not a model that this program can price";
  const behind = variable === "OPENAI_MODEL" ? "" : `${name}:`;
  return [
    `${says}, which ${why}: OPENAI_TOKEN_PRICES must tell ${missing.join(", ")}, ` +
      `as in ${behind}text=5,image=8,output=30,low=300,medium=1800,high=7100.`,
  ];
}

function missingFor(own: OwnPrices, model: OpenAiModel | undefined): string[] {
  const prices = model ? [] : (["text", "image", "output"] as const);
  const tokens = model?.outputTokens ? [] : (["low", "medium", "high"] as const);
  return [...prices, ...tokens].filter((name) => own[name] === undefined);
}

function isList({ OPENAI_MODELS: list = onlyOne }: Extra): boolean {
  return list !== onlyOne;
}

function idsIn(text: string): string[] {
  return text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

/** By model; what counts for all others stands under "". Undefined when it is not written as it must be. */
function transparencyIn(text: string): ReadonlyMap<string, string> | undefined {
  const parts = idsIn(text).map((part) => /^(?:(?<id>[\w.:/-]+)=)?(?<value>on|off|auto)$/.exec(part)?.groups);
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  return new Map(parts.map((groups) => [bareId(groups?.id ?? ""), groups?.value ?? "auto"]));
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
export function chosenModel(extra: Extra, id = configuredModels(extra)[0] ?? ""): ChosenModel {
  const model = modelNamed(id);
  const end = endOfModel(id);
  const transparency = transparencyIn(extra.OPENAI_TRANSPARENT ?? "auto");
  const capabilities = capabilitiesOf(
    model?.capabilities ?? gptImage2,
    transparency?.get(bareId(id)) ?? transparency?.get(""),
  );
  const own = ownPricesIn(extra, id);
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
