import { letterOnEmoji, lookAlikes, signLetters } from "./look-alikes.ts";
import { normalise } from "./normalise.ts";

/** The first of `words` that a text holds, however it is disguised by width, case, accents, spelling it out or letters that look alike. */
export function blockedWordIn(text: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const folded = fold(text);
  const spaced = ` ${folded.replace(notLetters, " ")} `;
  const spelled = (spaced.match(spelledOut) ?? []).map((letters) => letters.replaceAll(" ", "")).join(" ");
  const solid = folded.replace(notLetters, "");
  return words.find((word) => {
    const sought = fold(word);
    if (withoutSpaces.test(sought)) return solid.includes(sought.replace(notLetters, ""));
    const whole = sought.replace(notLetters, " ").trim();
    return whole !== "" && (spaced.includes(` ${whole} `) || spelled.includes(whole.replaceAll(" ", "")));
  });
}

/** A word letter by letter: three or more that stand alone. */
const spelledOut = /(?<= )\p{L}(?: \p{L}){2,} /gu;
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
    .replace(/[^\p{ASCII}]/gu, (letter) => lookAlikes.get(letter) ?? letterOnEmoji(letter))
    .replace(signsInWords, (signs) => signs.replace(/./g, (sign) => signLetters[sign] ?? sign));
}
