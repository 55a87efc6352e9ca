import { clip } from "../../text/words.ts";

// Bidirectional overrides and control characters would let a prompt disguise the text around it.
const disguises = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text that Discord shows as it is: no formatting, mention, link or emoji code in it works. */
export function escaped(text: string): string {
  return text
    .replace(disguises, (sign) => (sign === "\n" ? sign : ""))
    .replace(/[\\*_~`|<>#@[\]]|:(?=\/\/|\w+:)/g, "\\$&")
    .replace(/^(\s*)([-+]|\d+\.)(?=\s)/gm, (_, space: string, mark: string) =>
      mark.length > 1 ? `${space}${mark.slice(0, -1)}\\.` : `${space}\\${mark}`,
    );
}

/** A block of at most `limit` characters of what somebody wrote, easy to copy, in which nothing works either. */
export function codeBlock(text: string, limit: number): string {
  const harmless = text
    .replace(disguises, (sign) => (sign === "\n" ? sign : ""))
    .replace(/`(?=`)/g, "`\u200b") // three together would end the block
    .trim();
  return `\`\`\`\n${clip(harmless || " ", limit)}\n\`\`\``;
}
