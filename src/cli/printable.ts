/** Characters that move the cursor, hide text or turn its direction around; and what only looks like the end of a line. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line that a terminal shows as it is, whatever a service, a file or a member put into it. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === "\n" || character === "\t") return " ";
    return `\\u{${character.codePointAt(0)?.toString(16).padStart(2, "0")}}`;
  });
}
