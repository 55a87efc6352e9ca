import { formats } from "../image.ts";
import { qualities, type Tier, tiers } from "../request.ts";

/** A prompt, and the options that stood behind it; each as it would be typed into its field. */
export interface PromptWithOptions {
  readonly prompt: string;
  readonly size?: string;
  readonly quality?: string;
  readonly count?: number;
  readonly format?: string;
}

type Kind = "tier" | "ratio" | "pixels" | "quality" | "count" | "format";

interface Option {
  readonly kind: Kind;
  readonly value: string;
  /** Means nothing else at the end of a sentence: `2k` does not, `high` does. */
  readonly sure: boolean;
}

/** An option where it stands. */
interface Found extends Option {
  readonly start: number;
}

/** Shapes that people name; other pairs of numbers are times and scores. */
const ratios = "1:1 1:2 2:1 1:3 3:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 10:16 16:10 9:21 21:9".split(" ");
const flags: Readonly<Record<string, readonly Kind[]>> = {
  ar: ["ratio"],
  aspect: ["ratio"],
  size: ["tier", "ratio", "pixels"],
  s: ["tier", "ratio", "pixels"],
  quality: ["quality"],
  q: ["quality"],
  count: ["count"],
  n: ["count"],
  format: ["format"],
  f: ["format"],
};
const chineseQualities: Readonly<Record<string, string>> = { 高质量: "high", 中等质量: "medium", 低质量: "low" };

/**
 * Takes the options from the end of what somebody wrote to the bot: `make it blue 2k 16:9 high x3`. Only whole words at
 * the very end count, and a word that also belongs into a sentence (`high`, `png`) only behind a comma, a line break or
 * another option: nothing of what is to be drawn is lost.
 */
export function readWords(text: string): PromptWithOptions {
  const whole = text.trim();
  const options = trailingOptions(whole);
  const [first] = options;
  if (!first) return { prompt: whole };
  const prompt = whole.slice(0, first.start).replace(/[\s,;，；|]+$/u, "");
  const of = (kind: Kind) => options.find((option) => option.kind === kind)?.value;
  const size = of("pixels") ?? [of("tier"), of("ratio")].filter(Boolean).join(" ");
  const [quality, count, format] = [of("quality"), of("count"), of("format")];
  return {
    prompt: first.sure ? withoutDanglingWord(prompt) : prompt,
    ...(size ? { size } : {}),
    ...(quality ? { quality } : {}),
    ...(count ? { count: Number(count) } : {}),
    ...(format ? { format } : {}),
  };
}

/** In reading order; the first of them may certainly be taken. */
function trailingOptions(text: string): Found[] {
  const found: Found[] = [];
  let end = text.length;
  for (;;) {
    const next = optionBefore(text.slice(0, end));
    if (!next || clashes(next, found)) break;
    found.unshift(next);
    end = next.start;
  }
  const certain = found.findIndex(({ sure, start }) => sure || isSetOff(text.slice(0, start)));
  return certain === -1 ? [] : found.slice(certain);
}

function clashes({ kind }: Option, found: readonly Option[]): boolean {
  const taken = new Set(found.map((option) => option.kind));
  if (taken.has(kind)) return true;
  if (kind === "pixels") return taken.has("tier") || taken.has("ratio");
  return (kind === "tier" || kind === "ratio") && taken.has("pixels");
}

/** Behind a comma or a line break, or with nothing before it. */
function isSetOff(before: string): boolean {
  return before.trim() === "" || /[,;，；|\n]\s*$/u.test(before);
}

const lastWord = /(?:^|[\s,;，；|])(?<word>[^\s,;，；|]+)[\s.,;!，；。！|]*$/u;

function optionBefore(text: string): Found | undefined {
  const match = lastWord.exec(text);
  const word = match?.groups?.word?.replace(/[.!。！]+$/u, "");
  if (!match || !word) return undefined;
  const start = text.indexOf(word, match.index);
  return flagged(text, word, start) ?? withStart(readOption(word), start);
}

/** `--ar 16:9`, `quality=high`, `size: 2k`: said in so many words, so nothing else can be meant. */
function flagged(text: string, word: string, start: number): Found | undefined {
  const joined = /^(?:--|—)?(?<name>[a-z]+)[=:：](?<value>.+)$/iu.exec(word)?.groups;
  const apart = /(?:--|—)(?<name>[a-z]+)\s+$|(?:^|\s)(?<label>[a-z]+)[:：]\s+$/iu.exec(text.slice(0, start));
  const name = (joined?.name ?? apart?.groups?.name ?? apart?.groups?.label ?? "").toLowerCase();
  const option = readOption(joined?.value ?? word) ?? bareCount(joined?.value ?? word);
  if (!option || !flags[name]?.includes(option.kind)) return undefined;
  const from = joined ? start : (apart?.index ?? start);
  return { ...option, sure: true, start: from + (/^\s/.test(text.slice(from)) ? 1 : 0) };
}

function bareCount(word: string): Option | undefined {
  return isCount(word) ? { kind: "count", value: word, sure: true } : undefined;
}

function withStart(option: Option | undefined, start: number): Found | undefined {
  return option && { ...option, start };
}

function readOption(typed: string): Option | undefined {
  const word = typed.toLowerCase().replace("：", ":");
  const tier = tiers.find((name: Tier) => name.toLowerCase() === word);
  if (tier) return { kind: "tier", value: tier, sure: true };
  if (ratios.includes(word)) return { kind: "ratio", value: word, sure: true };
  if (/^\d{3,5}[x×*]\d{3,5}$/u.test(word)) return { kind: "pixels", value: word.replace(/[×*]/u, "x"), sure: true };
  const quality = chineseQualities[word] ?? qualities.find((name) => name !== "auto" && name === word);
  if (quality) return { kind: "quality", value: quality, sure: false };
  const format = word === "jpg" ? "jpeg" : formats.find((name) => name === word);
  if (format) return { kind: "format", value: format, sure: false };
  return countOption(word);
}

/** `x3` and `3张` are counts; `3x` is one only behind another option, as it is also how people ask to enlarge. */
function countOption(word: string): Option | undefined {
  const { sure, unsure } = /^(?:[x×](?<sure>\d{1,2})|(?<unsure>\d{1,2})[x×])$/u.exec(word)?.groups ?? {};
  const count = sure ?? unsure ?? /^(\d{1,2})张$/u.exec(word)?.[1];
  return count !== undefined && isCount(count)
    ? { kind: "count", value: count, sure: unsure === undefined }
    : undefined;
}

function isCount(word: string): boolean {
  return /^([1-9]|10)$/.test(word);
}

/** "a cat in 4k" is about a cat, not about "a cat in". */
function withoutDanglingWord(prompt: string): string {
  return prompt.replace(/(?<=\S)\s+(?:in|at|as|to)$/iu, "");
}
