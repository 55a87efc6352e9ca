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
