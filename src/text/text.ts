import type { Refusal } from "../errors.ts";
import { en } from "./en/index.ts";
import { zhCN } from "./zh-cn/index.ts";

/** Every sentence a member can read, in one language. English is the original that the others are typed after. */
export type Text = typeof en;

const languages: Readonly<Record<string, Text>> = { en, "zh-CN": zhCN };

export type Language = "en" | "zh-CN";

/** The nearest language to a BCP 47 locale; English when there is none. */
export function languageOf(locale: string): Language {
  return locale.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function textFor(locale: string): Text {
  return languages[languageOf(locale)] ?? en;
}

/** The sentence of a refusal; the one place that puts its facts into words. */
export function refusalSentence(text: Text, { code, facts }: Pick<Refusal, "code" | "facts">): string {
  const sentence = text.refusals[code] as (facts: object) => string; // code and facts belong together
  return sentence(facts);
}
