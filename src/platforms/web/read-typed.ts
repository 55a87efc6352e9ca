import { readWords } from "../../command/words-in-prompt.ts";

/** Options that were found at the end of a prompt, by the names of their fields, as they would be typed there. */
export type WordsRead = Readonly<Record<string, string>>;

export interface Typed {
  readonly prompt: string;
  /** Only options that were not chosen otherwise. */
  readonly read: WordsRead;
}

/**
 * Reads what was typed into the composer: `make it blue 2k x3` is a prompt and two options, as it is in a channel. Options that
 * were chosen in the panel are not changed by words. `fields` are those that the command has.
 */
export function readTyped(
  prompt: string,
  chosen: ReadonlySet<string>,
  fields: Readonly<Record<string, unknown>>,
): Typed {
  const { prompt: bare, ...options } = readWords(prompt);
  const found = Object.entries(options).filter(([, value]) => value !== undefined);
  const allKnown = found.every(([name]) => Object.hasOwn(fields, name));
  if (bare === "" || found.length === 0 || !allKnown) return { prompt, read: {} };
  const read = found.filter(([name]) => !chosen.has(name)).map(([name, value]) => [name, String(value)]);
  return { prompt: bare, read: Object.fromEntries(read) };
}
