/** Short enough to be remembered as a few words, too long to be guessed at the pace that a sign-in allows. */
export const shortestPassword = 12;

/**
 * Words that passwords are made of where nobody thinks about them: the top of the published lists of stolen passwords,
 * the words of this program, and the examples of its documents.
 */
const usual = [
  ..."password passwort passwd passphrase admin administrator root user login welcome letmein qwerty azerty".split(" "),
  ..."iloveyou monkey dragon sunshine princess football baseball superman batman master shadow michael jordan".split(
    " ",
  ),
  ..."trustno secret changeme change default test testing tester demo sample example guest access manager".split(" "),
  ..."hello world computer internet server google facebook discord slack atelier dashboard playground openai".split(
    " ",
  ),
  ..."starwars pokemon whatever freedom summer winter spring autumn january december monday friday company".split(" "),
  ..."correcthorsebatterystaple thisisapassword mypassword yourpassword apasswordofyourown operator".split(" "),
].sort((a, b) => b.length - a.length);

const small = new Set("a i the and for this that is an my our your me it of own now new old one two abc".split(" "));

const rows = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "qwertzuiop",
  "asdfghjkl",
  "zxcvbnm",
  "1qaz2wsx3edc4rfv5tgb",
  "zaq12wsxcde3",
  "1q2w3e4r5t6y7u8i9o0p",
];
const lines = rows.flatMap((row) => [row, [...row].reverse().join("")]);

/** Letters as people write them with digits and signs: `p@ssw0rd`. */
const signs: Readonly<Record<string, string>> = {
  "@": "a",
  $: "s",
  "!": "i",
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
};

/** Characters that no list of common passwords can explain; below this many, a guesser has it soon. */
const fewestOwn = 5;

/** True when a guesser would try it early: common words, rows of keys, and the same again and again. */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase();
  const spelled = [...plain].map((sign) => signs[sign] ?? sign).join("");
  return [plain, spelled].some((text) => ownPart(text).length < fewestOwn);
}

/** Returns what is left without common words, rows of the keyboard, repetitions, signs and a few digits at either end. */
function ownPart(text: string): string {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => !small.has(word));
  const unique = words.join("").replace(/^(.{1,6}?)\1+$/u, "$1");
  const withoutRows = lines.reduce(cutRow, unique);
  const own = usual.reduce((rest, word) => rest.replaceAll(word, ""), withoutRows).replace(/(.)\1{2,}/gu, "$1");
  return /^\d+$/.test(text) ? own : own.replace(/^\d{1,4}|\d{1,4}$/g, "");
}

/** Cuts every part of this row of keys that is four keys or longer, the longest first. */
function cutRow(text: string, row: string): string {
  for (let length = row.length; length >= 4; length--) {
    for (let from = 0; from + length <= row.length; from++) {
      const part = row.slice(from, from + length);
      if (text.includes(part)) return cutRow(text.replaceAll(part, ""), row);
    }
  }
  return text;
}
