import { readWords } from "../../command/words-in-prompt.ts";
import type { AsWritten } from "../../contract/usecases.ts";

/** Options that were found at the end of a prompt, by the names of their fields, as they would be typed there. */
export type WordsRead = Readonly<Record<string, string>>;

export interface Typed {
  readonly prompt: string;
  /** Only options that were not chosen otherwise. */
  readonly read: WordsRead;
  /** The sentence before options were taken out of it. */
  readonly asWritten?: AsWritten | undefined;
}

/** The options as the page shows them beside the price. */
export function shownWords(read: WordsRead): readonly string[] {
  return Object.entries(read).map(([name, value]) => (name === "count" ? `×${value}` : value));
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
  const { prompt: bare, asWritten, ...options } = readWords(prompt, chosen);
  const found = Object.entries(options);
  const allKnown = found.every(([name]) => Object.hasOwn(fields, name));
  if (bare === "" || !allKnown) return { prompt, read: {} };
  return { prompt: bare, read: Object.fromEntries(found.map(([name, value]) => [name, String(value)])), asWritten };
}
