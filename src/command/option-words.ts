import { formats } from "../image.ts";
import { qualities, type Tier, tiers } from "../request.ts";

export type Kind = "tier" | "ratio" | "pixels" | "quality" | "count" | "format" | NamedKind;
/** Known by their names alone: their values may be words of any sentence. */
type NamedKind = "background" | "compression" | "fidelity" | "style";

export interface Option {
  readonly kind: Kind;
  readonly value: string;
}

/** An option where it stands in a text. */
export interface Found extends Option {
  readonly start: number;
  readonly end: number;
  /** `--size 2k`, `size=2k`, `size: 2k`, or the value alone. */
  readonly by: "flag" | "assignment" | "label" | "value";
}

/** A word of a text, and what parts it from the one before. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly apart: "line" | "comma" | "space";
}

/** Shapes that people name; other pairs of numbers are times and scores. */
const ratios = "1:1 1:2 2:1 1:3 3:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 10:16 16:10 9:21 21:9".split(" ");
export const sizes: readonly Kind[] = ["tier", "ratio", "pixels"];
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
  ["style", ["style", /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,31}$/u]],
]);
const chineseQualities = new Map([
  ["高质量", "high"],
  ["中等质量", "medium"],
  ["低质量", "low"],
]);

/** The option that ends at this word; its name may be the word before. */
export function optionAt(words: readonly Word[], place: number): Found | undefined {
  const word = words[place];
  const before = words[place - 1];
  if (!word) return undefined;
  const text = place === words.length - 1 ? word.text.replace(/[.!。！]{1,9}$/u, "") : word.text;
  const end = word.start + word.text.length;
  const joined = /^(?<dashes>--|—|–)?(?<name>[a-z]{1,11})(?<sign>[=:：])(?<value>.{1,32})$/iu.exec(text)?.groups;
  if (joined) return named(joined.name, joined.value, { start: word.start, end, by: namedBy(joined) });
  const flag = /^(?:--|—|–)([a-z]{1,11})$/iu.exec(before?.text ?? "")?.[1];
  if (before && flag) return named(flag, text, { start: before.start, end, by: "flag" });
  const label = /^([a-z]{1,9})[:：]$/iu.exec(before?.text ?? "")?.[1];
  if (before && label && flags.has(label.toLowerCase())) {
    return named(label, text, { start: before.start, end, by: "label" });
  }
  const option = readOption(text);
  return option && { ...option, start: word.start, end, by: "value" };
}

function namedBy({ dashes, sign }: Readonly<Record<string, string | undefined>>): Found["by"] {
  if (dashes) return "flag";
  return sign === "=" ? "assignment" : "label";
}

function named(name = "", value = "", where: Omit<Found, keyof Option>): Found | undefined {
  if (where.by === "assignment" && name.length === 1) return undefined; // n=3 is an equation
  const [kind, values] = namedValues.get(name.toLowerCase()) ?? [];
  if (kind) {
    if (kind === "style" && where.by !== "flag") return undefined; // "in the style: baroque"
    const by = where.by === "flag" ? "flag" : "assignment";
    return values?.test(value) ? { ...where, by, kind, value: value.toLowerCase() } : undefined;
  }
  const option = readOption(value) ?? (isCount(value) ? { kind: "count" as const, value } : undefined);
  return option && flags.get(name.toLowerCase())?.includes(option.kind) ? { ...option, ...where } : undefined;
}

/** The option that a word alone names. */
export function readOption(typed: string): Option | undefined {
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
