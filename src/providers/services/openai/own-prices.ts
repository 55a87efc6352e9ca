import { bareId } from "./models.ts";

type Extra = Readonly<Record<string, string>>;

/** The operator leaves a price to what is known of the model. */
export const published = "published";

/** The names that OPENAI_TOKEN_PRICES gives to prices in dollars, and to the most tokens of one image. */
const priceNames = ["text", "cached-text", "image", "cached-image", "output", "text-output"] as const;
const tokenNames = ["low", "medium", "high"] as const;

/** The prices of one model as the operator tells them, in dollars, and the most tokens of one image by quality. */
export type OwnPrices = Partial<Record<(typeof priceNames)[number] | (typeof tokenNames)[number], number>>;

const singleVariables = {
  text: "OPENAI_TEXT_IN_USD",
  image: "OPENAI_IMAGE_IN_USD",
  output: "OPENAI_IMAGE_OUT_USD",
} as const;

/** Reads the operator's prices of a model, from one variable or from those for single prices, which come first. */
export function ownPricesIn(extra: Extra, model: string): OwnPrices {
  const named = namedPrices(extra.OPENAI_TOKEN_PRICES ?? published);
  return { ...(named?.get(bareId(model)) ?? named?.get("")), ...singlePricesIn(extra) };
}

/** Tells whether some price is told without saying of which model it is. */
export function pricesAreForOneModel(extra: Extra): boolean {
  const named = namedPrices(extra.OPENAI_TOKEN_PRICES ?? published);
  return named?.has("") === true || Object.keys(singlePricesIn(extra)).length > 0;
}

function singlePricesIn(extra: Extra): OwnPrices {
  const given = Object.entries(singleVariables).filter(([, variable]) => Number(extra[variable]) > 0);
  return Object.fromEntries(given.map(([name, variable]) => [name, Number(extra[variable])]));
}

/**
 * Reads `text=5,image=8`, or `gpt-image-3:text=5,image=8;gpt-image-4:text=6`: prices by model, those of no model under "".
 * Undefined when it is not written so.
 */
export function namedPrices(text: string): ReadonlyMap<string, OwnPrices> | undefined {
  const named = new Map<string, OwnPrices>();
  for (const part of text.split(";")) {
    const { id = "", prices = "" } = /^\s*(?:(?<id>[\w.:/-]{1,100}):)?(?<prices>[^:;]*)$/.exec(part)?.groups ?? {};
    const own = readPrices(prices);
    if (!own || named.has(bareId(id))) return undefined;
    named.set(bareId(id), own);
  }
  return named;
}

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
