import { clip } from "../../text/words.ts";

// Bidirectional overrides and control characters would let a prompt disguise the text around it.
const disguises = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text that Discord shows as it is: no formatting, mention, link or emoji code in it works. */
export function escaped(text: string): string {
  return text
    .replace(disguises, (sign) => (sign === "\n" ? sign : ""))
    .replace(/[\\*_~`|<>#@[\]]|:(?=\/\/|\w+:)/g, "\\$&")
    .replace(/^([^\S\n\r\u2028\u2029]*)([-+]|\d+\.)(?=\s)/gm, (_, space: string, mark: string) =>
      mark.length > 1 ? `${space}${mark.slice(0, -1)}\\.` : `${space}\\${mark}`,
    );
}

const keys = /(discord:guild:\d{15,20}\/role:\d{15,20}|discord:channel:\d{15,20}|discord:\d{15,20})/;

/** The same, with the keys of members, roles and channels as mentions that ping nobody. */
export function withMentions(text: string): string {
  const known = /^\d{15,20}(, ?\d{15,20})*$/.test(text) ? text.replace(/\d+/g, "discord:channel:$&") : text;
  return known
    .split(keys)
    .map((part, index) => (index % 2 === 1 ? mention(part) : escaped(part)))
    .join("");
}

function mention(key: string): string {
  const id = /\d+$/.exec(key)?.[0] ?? "";
  if (key.includes("/role:")) return `<@&${id}>`;
  return key.startsWith("discord:channel:") ? `<#${id}>` : `<@${id}>`;
}

/** A block of at most `limit` characters of what somebody wrote, easy to copy, in which nothing works either. */
export function codeBlock(text: string, limit: number): string {
  const harmless = text
    .replace(disguises, (sign) => (sign === "\n" ? sign : ""))
    .replace(/`(?=`)/g, "`\u200b") // three together would end the block
    .trim();
  return `\`\`\`\n${clip(harmless || " ", limit)}\n\`\`\``;
}

/** A moment that Discord shows as "in 2 minutes", and keeps current by itself. */
export function relativeTime(ms: number): string {
  return `<t:${Math.round(ms / 1000)}:R>`;
}

/** Names a channel in a sentence: `withMentions` makes a mention of it. */
export function channelKey(id: string): string {
  return `discord:channel:${id}`;
}
