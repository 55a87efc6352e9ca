/**
 * Alternatives in a prompt: `{red, blue} bicycle in {rain, snow}` is four prompts.
 *
 * A group is a pair of braces with a comma between. Groups may hold groups; an empty alternative leaves the words out.
 * Everything else is left as it was written: braces without a comma, braces that do not match, and prompts that look like
 * data (`{"style": "ink", "mood": "calm"}`). Behind a backslash a brace, and a comma in a group, is just that sign.
 */

/** The prompts that a prompt with alternatives stands for. */
export interface Expansion {
  /** The number of prompts; 1 where there is nothing to choose. May be Infinity. */
  readonly count: number;
  /** Lists the first of them, the last group changing fastest. */
  first(most: number): readonly string[];
}

/** No two texts stand side by side: a prompt of only commas is one text. */
type Piece = string | Group;
type Sequence = readonly Piece[];

interface Group {
  readonly alternatives: readonly Choice[];
  /** How many texts all of its alternatives stand for. */
  readonly count: number;
}

interface Choice {
  readonly pieces: Sequence;
  readonly count: number;
}

/** Deeper than anybody nests on purpose. */
const deepest = 8;

/** Takes time that grows with the prompt, and not with its square: whoever writes it may mean harm. */
export function readAlternatives(prompt: string): Expansion {
  const sequence = parse(prompt) ?? [prompt];
  const count = countOf(sequence);
  return {
    count,
    first: (most) => Array.from({ length: Math.min(most, count) }, (_, nth) => joined(wayOf(sequence, nth))),
  };
}

const signs = /\\[{}｛｝,，]|[{}｛｝,，]/gu;

/** Braces that are open while a prompt is read. */
interface Open {
  readonly brace: string;
  /** The alternatives that have ended. */
  readonly ended: Piece[][];
  current: Piece[];
}

/** Undefined when the prompt is to stay as it is. */
function parse(prompt: string): Sequence | undefined {
  const open: Open[] = [{ brace: "", ended: [], current: [] }];
  let from = 0;
  for (const { 0: sign, index } of prompt.matchAll(signs)) {
    const here = open.at(-1) as Open;
    add(here.current, prompt.slice(from, index));
    from = index + sign.length;
    if (!read(sign, here, open)) return undefined;
    if (open.length > deepest + 1) return undefined;
  }
  const [whole, ...unclosed] = open;
  if (!whole || unclosed.length > 0) return undefined;
  add(whole.current, prompt.slice(from));
  return whole.current;
}

function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (piece === "") return;
  if (typeof piece === "string" && typeof last === "string") pieces[pieces.length - 1] = last + piece;
  else pieces.push(piece);
}

/** Takes one sign; false when the prompt is to stay as it is. */
function read(sign: string, here: Open, open: Open[]): boolean {
  const isInGroup = open.length > 1;
  if (sign.startsWith("\\")) {
    const isComma = /[,，]/u.test(sign);
    add(here.current, isComma && !isInGroup ? sign : sign.slice(1));
  } else if (/[{｛]/u.test(sign)) open.push({ brace: sign, ended: [], current: [] });
  else if (/[,，]/u.test(sign)) {
    if (!isInGroup) add(here.current, sign);
    else {
      here.ended.push(here.current);
      here.current = [];
    }
  } else return isInGroup && close(sign, here, open);
  return true;
}

function close(sign: string, group: Open, open: Open[]): boolean {
  const alternatives = [...group.ended, group.current];
  if (looksLikeData(alternatives)) return false;
  open.pop();
  const around = open.at(-1) as Open;
  if (alternatives.length === 1) for (const piece of [group.brace, ...group.current, sign]) add(around.current, piece);
  else add(around.current, groupOf(alternatives.map(trimmed)));
  return alternatives.length === 1 || !alternatives.every(isEmpty);
}

function groupOf(alternatives: readonly Sequence[]): Group {
  const choices = alternatives.map((pieces) => ({ pieces, count: countOf(pieces) }));
  return { alternatives: choices, count: choices.reduce((sum, { count }) => sum + count, 0) };
}

/** `"key": ...` in one of them, or `key: ...` in each. */
function looksLikeData(alternatives: readonly Sequence[]): boolean {
  const heads = alternatives.map((each) => each.filter((piece) => typeof piece === "string").join(""));
  return heads.some((head) => /["”]\s*:/u.test(head)) || heads.every((head) => /^\s*[\p{L}_][\w-]*\s*:\s/u.test(head));
}

function isEmpty(sequence: Sequence): boolean {
  return sequence.every((piece) => typeof piece === "string" && piece.trim() === "");
}

/** Without the blanks around it. */
function trimmed(sequence: Sequence): Sequence {
  return sequence.flatMap((piece, at) => {
    if (typeof piece !== "string") return piece;
    const text = at === 0 ? piece.trimStart() : piece;
    const whole = at === sequence.length - 1 ? text.trimEnd() : text;
    return whole === "" ? [] : whole;
  });
}

function countOf(sequence: Sequence): number {
  return sequence.reduce((product: number, piece) => (typeof piece === "string" ? product : product * piece.count), 1);
}

/** One way to choose, of those from 0 on, as the words in their order; an empty choice is an empty text of its own. */
function wayOf(sequence: Sequence, nth: number): readonly string[] {
  const way: (readonly string[])[] = [];
  let left = nth;
  for (const piece of sequence.toReversed()) {
    if (typeof piece === "string") way.push([piece]);
    else {
      way.push(choiceOf(piece, left % piece.count));
      left = Math.floor(left / piece.count);
    }
  }
  return way.reverse().flat();
}

function choiceOf({ alternatives }: Group, nth: number): readonly string[] {
  let left = nth;
  for (const { pieces, count } of alternatives) {
    if (left < count) return pieces.length === 0 ? [""] : wayOf(pieces, left);
    left -= count;
  }
  throw new Error("a group has fewer ways than it has");
}

/** Words that were left out take one of the blanks around them along. */
function joined(pieces: readonly string[]): string {
  const texts: string[] = [];
  let next = "";
  const followed = pieces.map(() => "");
  for (let at = pieces.length - 1; at >= 0; at -= 1) {
    followed[at] = next;
    next = pieces[at] || next;
  }
  for (const [at, piece] of pieces.entries()) {
    if (piece !== "") texts.push(piece);
    else if (/^(?:$|[\s,.;:!?，。])/u.test(followed[at] ?? "")) trimEnd(texts);
  }
  return texts.join("");
}

function trimEnd(texts: string[]): void {
  for (let last = texts.pop(); last !== undefined; last = texts.pop()) {
    const trimmed = last.trimEnd();
    if (trimmed === "") continue;
    texts.push(trimmed);
    return;
  }
}
