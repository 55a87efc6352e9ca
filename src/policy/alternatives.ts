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

type Piece = string | Group;
type Sequence = readonly Piece[];

interface Group {
  readonly alternatives: readonly Sequence[];
}

/** Deeper than anybody nests on purpose. */
const deepest = 8;

export function readAlternatives(prompt: string): Expansion {
  const sequence = parse(prompt) ?? [prompt];
  return {
    count: countOf(sequence),
    first: (most) => prompts(sequence, most).map((pieces) => joined(pieces)),
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
    here.current.push(prompt.slice(from, index));
    from = index + sign.length;
    if (!read(sign, here, open)) return undefined;
    if (open.length > deepest + 1) return undefined;
  }
  const [whole, ...unclosed] = open;
  if (!whole || unclosed.length > 0) return undefined;
  return [...whole.current, prompt.slice(from)];
}

/** Takes one sign; false when the prompt is to stay as it is. */
function read(sign: string, here: Open, open: Open[]): boolean {
  const isInGroup = open.length > 1;
  if (sign.startsWith("\\")) {
    const isComma = /[,，]/u.test(sign);
    here.current.push(isComma && !isInGroup ? sign : sign.slice(1));
  } else if (/[{｛]/u.test(sign)) open.push({ brace: sign, ended: [], current: [] });
  else if (/[,，]/u.test(sign)) {
    if (!isInGroup) here.current.push(sign);
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
  if (alternatives.length === 1) around.current.push(group.brace, ...group.current, sign);
  else around.current.push({ alternatives: alternatives.map(trimmed) });
  return alternatives.length === 1 || !alternatives.every(isEmpty);
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
  const pieces = [...sequence].filter((piece) => piece !== "");
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (typeof first === "string") pieces[0] = first.trimStart();
  if (typeof last === "string") pieces[pieces.length - 1] = (pieces.at(-1) as string).trimEnd();
  return pieces;
}

function countOf(sequence: Sequence): number {
  return sequence.reduce(
    (product: number, piece) =>
      typeof piece === "string" ? product : product * piece.alternatives.reduce((sum, each) => sum + countOf(each), 0),
    1,
  );
}

/** The first ways to choose, each as the words in their order; an empty choice is an empty text of its own. */
function prompts(sequence: Sequence, most: number): readonly (readonly string[])[] {
  let ways: readonly (readonly string[])[] = [[]];
  for (const piece of sequence) {
    if (typeof piece === "string") {
      if (piece !== "") ways = ways.map((way) => [...way, piece]);
      continue;
    }
    const choices = piece.alternatives.flatMap((each) => (isEmpty(each) ? [[""]] : prompts(each, most)));
    ways = ways.flatMap((way) => choices.map((choice) => [...way, ...choice])).slice(0, most);
  }
  return ways.slice(0, most);
}

/** Words that were left out take one of the blanks around them along. */
function joined(pieces: readonly string[]): string {
  return pieces.reduce((before, piece, at) => {
    if (piece !== "" || !/(?:^|\s)$/u.test(before)) return before + piece;
    const next = pieces.slice(at + 1).find((each) => each !== "") ?? "";
    return next === "" || /^[\s,.;:!?，。]/u.test(next) ? before.trimEnd() : before;
  }, "");
}
