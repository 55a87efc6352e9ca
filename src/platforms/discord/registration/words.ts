import type { Language, Text } from "../../../text/text.ts";
import { textFor } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";

export const original = textFor("en");
/** Languages besides English; each is a Discord locale too. */
const translations: readonly Exclude<Language, "en">[] = ["zh-CN"];
type Translated = { [locale in (typeof translations)[number]]: string };
const namePattern = /^[-_'\p{L}\p{N}]{1,32}$/u;

export function described(sentence: (text: Text) => string) {
  const short = (text: Text) => clip(sentence(text), 100);
  return { description: short(original), description_localizations: translated(short) };
}

/** The words where they are a legal name of an option; Discord allows neither spaces nor capitals in one. */
export function translatedName(say: (text: Text) => string) {
  const names = translated((text) => say(text).toLowerCase());
  const legal = Object.entries(names).filter(([, name]) => namePattern.test(name));
  return legal.length > 0 ? { name_localizations: Object.fromEntries(legal) } : {};
}

export function translated(say: (text: Text) => string): Translated {
  return Object.fromEntries(translations.map((language) => [language, say(textFor(language))])) as Translated;
}
