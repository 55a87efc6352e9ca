import type { AsWritten } from "../contract/usecases.ts";
import { type Found, type Kind, type Option, optionAt, sizes, type Word } from "./option-words.ts";
import { isApart, isOnPurpose } from "./sentence.ts";

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
  readonly style?: string;
  /** The words before anything was taken out of the sentence itself; options that were named on purpose are no part of it. */
  readonly asWritten?: AsWritten;
}

/** No row of options is longer. */
const tailLength = 200;

/**
 * Takes the options from the end of what somebody wrote to the bot: `make it blue, 2k`, `make it blue 2k 16:9 high x3`,
 * `make it blue --size 2k`. They are taken only where they cannot belong to the sentence: named (`--`, `=`), on a line of
 * their own, behind a comma, or several in a row. Where it is not sure, everything stays in the prompt. Options of `given`
 * were given otherwise: words that could mean one of them stay in the prompt, and one that is named counts for nothing.
 */
export function readWords(text: string, given: ReadonlySet<string> = new Set()): PromptWithOptions {
  const whole = text.trim();
  const options = takenFrom(whole, given);
  const [first] = options;
  if (!first) return { prompt: whole };
  const all = valuesOf(options, given);
  const words = { prompt: withoutSeparators(whole.slice(0, first.start)), ...all };
  const named = options.filter((option) => isOnPurpose(option, whole));
  if (named.length === options.length) return words;
  const silent = Object.fromEntries(Object.keys(all).map((name) => [name, undefined]));
  return { ...words, asWritten: { ...silent, ...valuesOf(named, given), prompt: without(named, whole) } };
}

/** The options as they would be typed into their fields. */
function valuesOf(
  options: readonly Option[],
  given: ReadonlySet<string>,
): Omit<PromptWithOptions, "prompt" | "asWritten"> {
  const of = (kind: Kind) => options.find((option) => option.kind === kind)?.value;
  const values = {
    size: of("pixels") ?? ([of("tier"), of("ratio")].filter(Boolean).join(" ") || undefined),
    quality: of("quality"),
    count: numberOf(of("count")),
    format: of("format"),
    background: of("background"),
    compression: numberOf(of("compression")),
    fidelity: of("fidelity"),
    style: of("style"),
  };
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== undefined && !given.has(name)));
}

function numberOf(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** The text without those options, and without the blanks before them. */
function without(options: readonly Found[], whole: string): string {
  let [rest, from] = ["", 0];
  for (const { start, end } of options) {
    rest += whole.slice(from, start).trimEnd();
    from = end;
  }
  return (rest + whole.slice(from)).trim();
}

const fieldOf = (kind: Kind) => (sizes.includes(kind) ? "size" : kind);

const separators = /[\s,;，；|]/u;

function withoutSeparators(text: string): string {
  let end = text.length;
  while (end > 0 && separators.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
}

/** In reading order. */
function takenFrom(whole: string, given: ReadonlySet<string>): readonly Found[] {
  const words = lastWords(whole);
  const found = optionsAtEnd(words, given);
  const first = found.findIndex((option, index) => {
    const place = words.findIndex(({ start }) => start === option.start);
    return option.by === "flag" || isApart(found.slice(index), { whole, words, place });
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
function optionsAtEnd(words: readonly Word[], given: ReadonlySet<string>): readonly Found[] {
  const found: Found[] = [];
  for (let place = words.length - 1; place >= 0; ) {
    const next = optionAt(words, place);
    if (!next || clashes(next, found) || (next.by !== "flag" && given.has(fieldOf(next.kind)))) break;
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
