import { Refusal } from "../errors.ts";
import { foldCase } from "../jobs/job.ts";

/** A member has at most so many saved images in a tenant, and a tenant so many for everybody. */
export const maxSavedImages = { own: 50, shared: 200 } as const;
const maxNameLength = 32;
/** Nobody types more by accident, and nobody has more normalised. */
const longestTyped = 200;
const nameShape = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u;
/** Words that chat programs put behind an @ themselves. */
const reserved = new Set(["everyone", "here", "channel", "someone", "所有人", "全体成员"]);

/** A name as people read it, and as it is found in any case; its @ may be typed. Throws Refusal `reference-name`. */
export function readReferenceName(typed: string): { readonly name: string; readonly foldedName: string } {
  const name = typed.toWellFormed().slice(0, longestTyped).normalize("NFKC").trim().replace(/^@/u, "");
  const foldedName = foldCase(name);
  const fits = nameShape.test(name) && [...name].length <= maxNameLength && !isNoName(foldedName);
  if (!fits) throw new Refusal("reference-name", { name: name.slice(0, 40), limit: maxNameLength });
  return { name, foldedName };
}

/** A prompt, and the words in it that stand behind an @. */
export interface NamesInPrompt<Saved> {
  /** With `@` in the place of each `\@`, behind which nothing is a name. */
  readonly prompt: string;
  /** The saved images that it names, each once, in its order. */
  readonly found: readonly Saved[];
  /** The words that name none, each once. */
  readonly unknown: readonly string[];
}

/** Can there be a name in it, or an @ that is none? */
export function mayNameReferences(prompt: string): boolean {
  return /[@＠]/u.test(prompt);
}

/**
 * Finds the names of saved images in a prompt; `known` has them by their folded names. No name is what stands behind `\@`,
 * within an e-mail or web address, a platform's own markup or one of `plainWords`, or calls everybody. Where words are written without blanks
 * between them, a name may be followed by further words: of several that fit, the longest counts.
 */
export function namesInPrompt<Saved>(
  prompt: string,
  known: ReadonlyMap<string, Saved>,
  plainWords: readonly string[] = [],
): NamesInPrompt<Saved> {
  const isQuoted = quotedIn(prompt, plainWords);
  const found = new Set<Saved>();
  const unknown = new Map<string, string>();
  for (const { index, 1: word } of prompt.matchAll(atPattern)) {
    if (word === undefined || isGlued(prompt, index) || isQuoted(index, word)) continue;
    const name = longestKnown(word, known);
    const saved = name === undefined ? undefined : known.get(name);
    if (saved !== undefined) found.add(saved);
    else if (!unknown.has(fold(word)) && !isPlain(prompt, index, word)) unknown.set(fold(word), clipped(word));
  }
  return { prompt: prompt.replaceAll(/\\([@＠])/gu, "$1"), found: [...found], unknown: [...unknown.values()] };
}

/** A backslash with its @ is one match without a word. */
const atPattern = /\\[@＠]|[@＠]([\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*)/gu;
/** Scripts that are written without blanks between words, and one whose endings follow a name directly. */
const unspaced =
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]$/u;

const fold = (text: string) => foldCase(text.slice(0, longestTyped).normalize("NFKC"));
const isNoName = (foldedName: string) => reserved.has(foldedName) || /^\p{N}+$/u.test(foldedName);
const clipped = (word: string) => [...word.slice(0, longestTyped)].slice(0, maxNameLength).join("");

/** Does the sign belong to what stands before it: an e-mail address, an address of the web, markup, another sign? */
function isGlued(prompt: string, index: number): boolean {
  const before = signBefore(prompt, index);
  if (/^[<@＠]$/u.test(before)) return true;
  if (/^[\p{L}\p{M}\p{N}_]$/u.test(before)) return !unspaced.test(before);
  const word = /\S*$/u.exec(prompt.slice(Math.max(0, index - 100), index))?.[0] ?? "";
  return before === "/" && /:\/\/|\w\.\w+\//u.test(word);
}

/** Does an @ of the prompt, with the word behind it, belong to one of these words? */
function quotedIn(prompt: string, plainWords: readonly string[]): (index: number, word: string) => boolean {
  const places = plainWords.flatMap((words) => [...words.matchAll(/[@＠]/gu)].map(({ index: at }) => ({ words, at })));
  return (index, word) =>
    places.some(({ words, at }) => {
      const start = index - at;
      if (start < 0 || !prompt.startsWith(words, start)) return false;
      const end = start + words.length;
      return end > index + word.length || unspaced.test(signAt(prompt, end));
    });
}

const signAt = (prompt: string, index: number) => [...prompt.slice(index, index + 2)][0] ?? "";

function signBefore(prompt: string, index: number): string {
  return [...prompt.slice(Math.max(0, index - 2), index)].at(-1) ?? "";
}

/** Calls everybody, is a number, or is the host of an e-mail address in a script without blanks. */
function isPlain(prompt: string, index: number, word: string): boolean {
  const end = index + 1 + word.length;
  const isHost = unspaced.test(signBefore(prompt, index)) && /^\.\p{L}{2}/u.test(prompt.slice(end, end + 5));
  return isHost || isNoName(fold(word));
}

/** The longest known name that the word is, or begins with where a name may end. */
function longestKnown(word: string, known: ReadonlyMap<string, unknown>): string | undefined {
  const signs = [...word.slice(0, longestTyped)];
  for (let length = Math.min(signs.length, maxNameLength); length > 0; length -= 1) {
    const rest = signs.slice(length);
    const mayEnd = rest.length === 0 || unspaced.test(rest[0] ?? "") || rest.every((sign) => /[-_]/u.test(sign));
    if (!mayEnd) continue;
    const name = fold(signs.slice(0, length).join(""));
    if (known.has(name)) return name;
  }
  return undefined;
}

/** The name that was probably meant by a word that is none: it differs by a letter, or by two where it is long. */
export function similarName<Saved>(word: string, known: ReadonlyMap<string, Saved>): Saved | undefined {
  const typed = [...fold(word)];
  if (typed.length < 3) return undefined;
  const allowed = typed.length < 6 ? 1 : 2;
  let best: { saved: Saved; distance: number } | undefined;
  for (const [name, saved] of known) {
    const signs = [...name];
    if (Math.abs(signs.length - typed.length) > allowed) continue;
    const distance = editDistance(typed, signs);
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { saved, distance };
  }
  return best?.saved;
}

/** Letters that must be put in, left out, changed, or swapped with their neighbour to make one word of the other. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const plain = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(plain, (before[j - 2] ?? 0) + 1) : plain);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
