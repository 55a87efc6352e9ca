import { formats } from "../image.ts";
import { qualities, type Tier, tiers } from "../request.ts";

/** A prompt, and the options that stood behind it; each as it would be typed into its field. */
export interface PromptWithOptions {
  readonly prompt: string;
  readonly size?: string;
  readonly quality?: string;
  readonly count?: number;
  readonly format?: string;
  readonly background?: string;
  readonly compression?: number;
  readonly fidelity?: string;
}

type Kind = "tier" | "ratio" | "pixels" | "quality" | "count" | "format" | NamedKind;
/** Known by their names alone: their values may be words of any sentence. */
type NamedKind = "background" | "compression" | "fidelity";

interface Option {
  readonly kind: Kind;
  readonly value: string;
}

/** An option where it stands. */
interface Found extends Option {
  readonly start: number;
  /** `--size 2k` or `size=2k`: nothing else can be meant. */
  readonly explicit: boolean;
}

/** A word of the text, and what parts it from the one before. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly apart: "line" | "comma" | "space";
}

/** Shapes that people name; other pairs of numbers are times and scores. */
const ratios = "1:1 1:2 2:1 1:3 3:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 10:16 16:10 9:21 21:9".split(" ");
const sizes: readonly Kind[] = ["tier", "ratio", "pixels"];
const flags = new Map<string, readonly Kind[]>([
  ["ar", ["ratio"]],
  ["aspect", ["ratio"]],
  ["size", sizes],
  ["s", sizes],
  ["quality", ["quality"]],
  ["q", ["quality"]],
  ["count", ["count"]],
  ["n", ["count"]],
  ["format", ["format"]],
  ["f", ["format"]],
]);
const namedValues = new Map<string, readonly [NamedKind, RegExp]>([
  ["background", ["background", /^(auto|opaque|transparent)$/i]],
  ["bg", ["background", /^(auto|opaque|transparent)$/i]],
  ["compression", ["compression", /^(\d{1,2}|100)$/]],
  ["fidelity", ["fidelity", /^(low|high)$/i]],
]);
const chineseQualities = new Map([
  ["高质量", "high"],
  ["中等质量", "medium"],
  ["低质量", "low"],
]);
/** No row of options is longer. */
const tailLength = 200;

/**
 * Takes the options from the end of what somebody wrote to the bot: `make it blue, 2k`, `make it blue 2k 16:9 high x3`,
 * `make it blue --size 2k`. They are taken only where they cannot belong to the sentence: named (`--`, `=`), on a line of
 * their own, behind a comma, or several in a row. Where it is not sure, everything stays in the prompt.
 */
export function readWords(text: string): PromptWithOptions {
  const whole = text.trim();
  const options = takenFrom(whole);
  const [first] = options;
  if (!first) return { prompt: whole };
  const of = (kind: Kind) => options.find((option) => option.kind === kind)?.value;
  const size = of("pixels") ?? [of("tier"), of("ratio")].filter(Boolean).join(" ");
  const [quality, count, format] = [of("quality"), of("count"), of("format")];
  const [background, compression, fidelity] = [of("background"), of("compression"), of("fidelity")];
  return {
    prompt: withoutSeparators(whole.slice(0, first.start)),
    ...(size ? { size } : {}),
    ...(quality ? { quality } : {}),
    ...(count ? { count: Number(count) } : {}),
    ...(format ? { format } : {}),
    ...(background ? { background } : {}),
    ...(compression ? { compression: Number(compression) } : {}),
    ...(fidelity ? { fidelity } : {}),
  };
}

const separators = /[\s,;，；|]/u;

function withoutSeparators(text: string): string {
  let end = text.length;
  while (end > 0 && separators.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
}

/** In reading order. */
function takenFrom(whole: string): readonly Found[] {
  const words = lastWords(whole);
  const found = optionsAtEnd(words);
  const first = found.findIndex((option, index) => {
    const place = words.findIndex(({ start }) => start === option.start);
    return option.explicit || isApart(found.slice(index), { whole, words, place });
  });
  return first === -1 ? [] : found.slice(first);
}

function lastWords(whole: string): readonly Word[] {
  const from = Math.max(0, whole.length - tailLength);
  const matches = [...whole.slice(from).matchAll(/([\s,;，；|]*)([^\s,;，；|]+)/gu)];
  const words = matches.map(({ 1: before = "", 2: text = "", index }): Word => {
    const start = from + index + before.length;
    return { text, start, apart: start === 0 || before.includes("\n") ? "line" : partedBy(before) };
  });
  return from === 0 ? words : words.slice(1); // the first may be cut in two
}

function partedBy(before: string): Word["apart"] {
  return /[,;，；|]/u.test(before) ? "comma" : "space";
}

/** Reads backwards for as long as there are options, each kind once. */
function optionsAtEnd(words: readonly Word[]): readonly Found[] {
  const found: Found[] = [];
  for (let place = words.length - 1; place >= 0; ) {
    const next = optionAt(words, place);
    if (!next || clashes(next, found)) break;
    found.unshift(next);
    place = words.findIndex(({ start }) => start === next.start) - 1;
  }
  return found;
}

function clashes({ kind }: Option, found: readonly Option[]): boolean {
  const taken = new Set(found.map((option) => option.kind));
  if (taken.has(kind)) return true;
  if (kind === "pixels") return taken.has("tier") || taken.has("ratio");
  return (kind === "tier" || kind === "ratio") && taken.has("pixels");
}

function optionAt(words: readonly Word[], place: number): Found | undefined {
  const word = words[place];
  const before = words[place - 1];
  if (!word) return undefined;
  const text = place === words.length - 1 ? word.text.replace(/[.!。！]{1,9}$/u, "") : word.text;
  const joined = /^(?<dashes>--|—|–)?(?<name>[a-z]{1,11})[=:：](?<value>.{1,20})$/iu.exec(text)?.groups;
  if (joined && (joined.dashes || text.includes("="))) return named(joined.name, joined.value, word.start, true);
  if (joined) return named(joined.name, joined.value, word.start, false);
  const flag = /^(?:--|—|–)([a-z]{1,11})$/iu.exec(before?.text ?? "")?.[1];
  if (before && flag) return named(flag, text, before.start, true);
  const label = /^([a-z]{1,9})[:：]$/iu.exec(before?.text ?? "")?.[1];
  if (before && label && flags.has(label.toLowerCase())) return named(label, text, before.start, false);
  const option = readOption(text);
  return option && { ...option, start: word.start, explicit: false };
}

function named(name = "", value = "", start: number, explicit: boolean): Found | undefined {
  const [kind, values] = namedValues.get(name.toLowerCase()) ?? [];
  if (kind) return values?.test(value) ? { kind, value: value.toLowerCase(), start, explicit: true } : undefined;
  const option = readOption(value) ?? (isCount(value) ? { kind: "count" as const, value } : undefined);
  return option && flags.get(name.toLowerCase())?.includes(option.kind) ? { ...option, start, explicit } : undefined;
}

interface Standing {
  readonly whole: string;
  readonly words: readonly Word[];
  /** The index of the first option among the words. */
  readonly place: number;
}

/** Can this row of options, up to the end of the text, not belong to the sentence before it? */
function isApart(row: readonly Found[], { whole, words, place }: Standing): boolean {
  const [first] = row;
  const apart = words[place]?.apart;
  if (!first || isQuoted(whole.slice(0, first.start))) return false;
  if (/^\d{1,2}[x×]/iu.test(whole.slice(first.start))) return false; // "enlarge it, 3x"
  const alone = row.length === 1;
  if (alone && first.kind === "quality" && !/\p{sc=Han}/u.test(whole.slice(first.start))) return false; // "a steak, medium"
  if (apart === "line") return true;
  const sentence = sentenceBefore(whole, first.start);
  const previous = words[place - 1]?.text ?? "";
  if (/[:：](?:\s|$)/u.test(sentence) || tellsOfWords.test(sentence)) return false;
  if (first.kind === "ratio" && tellsOfNumbers.test(sentence)) return false;
  if (apart === "comma") return !(sizes.includes(first.kind) && /\d/u.test(previous)); // "720p, 1080p, 4k" is a list
  return !alone && sizes.includes(first.kind) && !governing.has(previous.toLowerCase());
}

/** A quotation is open there. */
function isQuoted(before: string): boolean {
  const count = (sign: string) => before.split(sign).length - 1;
  return (
    count('"') % 2 === 1 ||
    ["“”", "„“", "«»", "「」", "『』", "《》"].some(([open = "", close = ""]) => count(open) > count(close))
  );
}

/** The last sentence of the last line, as far as it is near. */
function sentenceBefore(whole: string, end: number): string {
  const near = whole.slice(Math.max(0, end - 1000), end);
  const from = Math.max(...["\n", ". ", "! ", "? ", "。", "！", "？"].map((sign) => near.lastIndexOf(sign)));
  return near.slice(from + 1);
}

/** Words of the image may be meant. */
const tellsOfWords =
  /\b(?:say(?:s|ing)?|reads?|reading|writ(?:e|es|ing|ten)|texts?|words?|letter(?:s|ing)|label(?:s|led|ed)?|titled?|caption(?:s|ed)?|inscri(?:bed|ption)|slogan|spell(?:s|ed|ing)?|sign(?:s|post)?|logo|banner|sticker|badge|named|called|marked|number(?:s|ed)?|show(?:s|ing|n)|display(?:s|ing|ed)?)\b|写|文字|字样|标题|标语|显示|标着/iu;
/** A score, a time, a verse or a proportion may be meant. */
const tellsOfNumbers =
  /\b(?:scor(?:e|es|ed|ing|eboard)|match|games?|goals?|w[io]ns?|beats?|leads?|lost|final|clocks?|watch(?:es)?|time[rs]?|alarm|hours?|minutes?|o'clock|verse|psalms?|bible|genesis|john|luke|mark|matthew|odds|scale|ratio|recipe|mix(?:ed|ture)?|diluted?|gears?)\b|比分|比赛|时间|时钟|钟|比例/iu;
/** Words behind one of these belong to it. */
const governing = new Set(
  "a an the in at as to of on with for from by and or than is are was be its his her their my our no like shot filmed rendered printed about into x".split(
    " ",
  ),
);

function readOption(typed: string): Option | undefined {
  if (typed.length > 20) return undefined;
  const word = typed.toLowerCase().replace("：", ":");
  const tier = tiers.find((name: Tier) => name.toLowerCase() === word);
  if (tier) return { kind: "tier", value: tier };
  if (ratios.includes(word)) return { kind: "ratio", value: word };
  if (/^\d{3,5}[x×*]\d{3,5}$/u.test(word)) return { kind: "pixels", value: word.replace(/[×*]/u, "x") };
  const quality = chineseQualities.get(word) ?? qualities.find((name) => name !== "auto" && name === word);
  if (quality) return { kind: "quality", value: quality };
  const format = word === "jpg" ? "jpeg" : formats.find((name) => name === word);
  if (format) return { kind: "format", value: format };
  const count = /^[x×](\d{1,2})$/u.exec(word)?.[1] ?? /^(\d{1,2})[x×张]$/u.exec(word)?.[1];
  return count !== undefined && isCount(count) ? { kind: "count", value: count } : undefined;
}

function isCount(word: string): boolean {
  return /^([1-9]|10)$/.test(word);
}
