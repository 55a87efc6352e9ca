/** Emoji as members see them, by the code that stands in the text: `:cat:`, `:wave::skin-tone-2:`. */
export type Emoji = ReadonlyMap<string, string>;

interface Block {
  readonly type?: string;
  readonly elements?: readonly Block[];
  readonly name?: string;
  /** Code points, as `1f44b-1f3fb`; an emoji of the workspace's own has none. */
  readonly unicode?: string;
  readonly skin_tone?: number;
}

const hex = /^[0-9a-f]{1,6}(?:-[0-9a-f]{1,6})*$/i;
const deepest = 10;

/** The emoji of a message, whose text has their codes only; one of the workspace's own is told by its name. */
export function emojiIn(blocks: readonly object[]): Emoji {
  return new Map(allIn(blocks, deepest));
}

function allIn(blocks: readonly Block[], depth: number): readonly (readonly [string, string])[] {
  if (depth === 0) return [];
  return blocks.flatMap(({ type, elements = [], name = "", unicode, skin_tone }) => {
    if (type !== "emoji" || name === "") return allIn(elements, depth - 1);
    const shown = unicode && hex.test(unicode) ? signOf(unicode) : undefined;
    const code = skin_tone === undefined ? `:${name}:` : `:${name}::skin-tone-${skin_tone}:`;
    return [[code, shown ?? name.replaceAll("_", " ")] as const];
  });
}

/** Undefined when a number in it is no code point. */
function signOf(unicode: string): string | undefined {
  const points = unicode.split("-").map((point) => Number.parseInt(point, 16));
  return points.every((point) => point <= 0x10ffff) ? String.fromCodePoint(...points) : undefined;
}
