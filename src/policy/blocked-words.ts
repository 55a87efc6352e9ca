import { normalise } from "./normalise.ts";

/** The first of `words` that a text holds, however it is disguised by width, case, accents or letters that look alike. */
export function blockedWordIn(text: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const folded = fold(text);
  const spaced = ` ${folded.replace(notLetters, " ")} `;
  const solid = folded.replace(notLetters, "");
  return words.find((word) => {
    const sought = fold(word);
    if (withoutSpaces.test(sought)) return solid.includes(sought.replace(notLetters, ""));
    const whole = sought.replace(notLetters, " ").trim();
    return whole !== "" && spaced.includes(` ${whole} `);
  });
}

const notLetters = /[^\p{L}\p{N}\p{M}]+/gu;
/** These write words without spaces between them: there is no whole word to look for. */
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Accents on letters where they are decoration; elsewhere marks are vowels. */
const accents = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu;

/** Looks one letter back and one ahead only: a longer look at each sign would take the square of a run of them. */
const signsInWords = /(?<=\p{L})[013457@$]+(?=\p{L})/gu;

function fold(text: string): string {
  const bare = normalise(text, "NFKD")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "") // zero-width characters, soft hyphens, fillers
    .replace(accents, "");
  return normalise(bare, "NFC")
    .toUpperCase() // twice: so the sharp s and the final sigma meet their other forms
    .toLowerCase()
    .replace(/[\u0370-\u052fı]/gu, (letter) => lookAlikes[letter] ?? letter)
    .replace(signsInWords, (signs) => signs.replace(/./g, (sign) => lookAlikes[sign] ?? sign));
}

/** Greek, Cyrillic, and signs within words, by the Latin letter that they pass for. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...{ а: "a", в: "b", с: "c", ԁ: "d", е: "e", һ: "h", і: "i", ј: "j", к: "k", м: "m", н: "h", о: "o", р: "p" },
  ...{ ԛ: "q", ѕ: "s", т: "t", у: "y", х: "x", ԝ: "w", ѵ: "v", ӏ: "l", ү: "y" },
  ...{ α: "a", β: "b", ε: "e", ι: "i", κ: "k", ν: "v", ο: "o", ρ: "p", τ: "t", υ: "u", χ: "x", γ: "y", ϲ: "c", ϳ: "j" },
  ...{ ı: "i", "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", $: "s" },
};
