import type { Json } from "../../decode/json.ts";

/** The tokens of one call, by what they were. */
export interface UsedTokens {
  readonly textIn: number;
  readonly textInCached: number;
  readonly imageIn: number;
  readonly imageInCached: number;
  readonly imageOut: number;
  readonly textOut: number;
}

/** Where relays put the count: beside the images, or in the document that they wrap. */
const wrappers = ["data", "response", "result", "output"];

/**
 * Reads the tokens that an answer tells of (OA-15, NK-14): by OpenAI's names or those of chats, as numbers or digits,
 * with details or without. Undefined when it does not tell both what went in and what came out.
 */
export function usageIn(answer: Json): UsedTokens | undefined {
  const usage = [answer, ...wrappers.map((name) => field(answer, name))]
    .map((document) => field(document, "usage"))
    .find((found) => field(found, "output_tokens") !== undefined || field(found, "completion_tokens") !== undefined);
  const output = count(usage, ["output_tokens", "completion_tokens"]);
  const input = count(usage, ["input_tokens", "prompt_tokens"]) ?? rest(usage, output);
  if (output === undefined || output === 0 || input === undefined) return undefined;
  return { ...inputOf(usage, input), ...outputOf(usage, output) };
}

/** Whatever is not told to be text is an image, which costs more. */
function inputOf(usage: Json | undefined, input: number): Omit<UsedTokens, "imageOut" | "textOut"> {
  const details = field(usage, "input_tokens_details") ?? field(usage, "prompt_tokens_details");
  const text = Math.min(count(details, ["text_tokens", "text"]) ?? 0, input);
  const image = input - text;
  const cached = Math.min(count(details, ["cached_tokens", "cached"]) ?? 0, input);
  const parts = field(details, "cached_tokens_details");
  // Where it is not told which were cached, it is the text: the prompt comes first.
  const cachedText = Math.min(count(parts, ["text_tokens", "text"]) ?? Math.min(cached, text), text, cached);
  const cachedImage = Math.min(cached - cachedText, image);
  return {
    textIn: text - cachedText,
    textInCached: cachedText,
    imageIn: image - cachedImage,
    imageInCached: cachedImage,
  };
}

/** Words come out only where the details say so, and leave nothing open. */
function outputOf(usage: Json | undefined, output: number): Pick<UsedTokens, "imageOut" | "textOut"> {
  const details = field(usage, "output_tokens_details") ?? field(usage, "completion_tokens_details");
  const text = count(details, ["text_tokens", "text"]) ?? 0;
  const image = count(details, ["image_tokens", "image"]) ?? 0;
  return text + image === output ? { imageOut: image, textOut: text } : { imageOut: output, textOut: 0 };
}

function rest(usage: Json | undefined, output: number | undefined): number | undefined {
  const total = count(usage, ["total_tokens"]);
  return total === undefined || output === undefined || total < output ? undefined : total - output;
}

/** The first count above zero by any of the names: some relays send both sets of names, one of them with zeros. */
function count(value: Json | undefined, names: readonly string[]): number | undefined {
  const counts = names.map((name) => tokens(field(value, name))).filter((each) => each !== undefined);
  return counts.find((each) => each > 0) ?? counts[0];
}

function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

function tokens(value: Json | undefined): number | undefined {
  const number = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
