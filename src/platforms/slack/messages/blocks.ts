import type { types } from "@slack/bolt";
import type { Card } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { buttonElement, type MessageButton } from "./buttons.ts";
import { namedSection, withChannelKeys, withIds } from "./named.ts";
import { tableBlock } from "./table.ts";

/** A message: blocks, and what stands for them in notifications and screen readers. */
export interface Content {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
  /** The same without blocks that some workspaces do not know. */
  readonly plain?: types.KnownBlock[];
}

/** Longest text of a section. */
const sectionLimit = 3000;
const actionsLimit = 25;

/** Escapes a text: nothing in it mentions, links or formats anybody or anything any more. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The text as it was before Slack escaped it. */
export function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Shown letter by letter: no markup, no emoji codes, no links. */
export function plain(text: string, limit: number): types.PlainTextElement {
  return { type: "plain_text", text: clip(text, limit), emoji: false };
}

/** `markup` is Slack's; whatever came from outside must have been escaped. */
export function markup(text: string): types.MrkdwnElement {
  return { type: "mrkdwn", text, verbatim: true };
}

/** Renders a row of buttons; with `text`, those that delete ask first. */
export function cardContent(card: Card, text?: Text): Content {
  const rows = card.rows?.map(({ label, value }) => `${label}: ${value}`) ?? [];
  return contentOf(card, rows, (words) => ({ type: "section", text: plain(words, sectionLimit) }), text);
}

/** The same for one reader: members, groups and channels in it are shown by name. */
export function namedCardContent(card: Card, text?: Text): Content {
  const rows = card.rows?.map(({ label, value }) => `${label}: ${withChannelKeys(value)}`) ?? [];
  const content = contentOf(card, rows, namedSection, text);
  return { ...content, text: withIds(content.text) };
}

function contentOf(
  { title, paragraphs, table, buttons = [], link }: Card,
  rows: readonly string[],
  section: (words: string) => types.KnownBlock,
  text: Text | undefined,
): Content {
  const head = { type: "section", text: markup(`*${escaped(clip(title, 150))}*`) } as const;
  const sections = (...bodies: string[]) => bodies.filter((words) => words !== "").map(section);
  const end = [...(link ? [linkRow(link)] : []), ...buttonRow(buttons, text)];
  const words = paragraphs.join("\n");
  const plain = [head, ...sections(words, rows.join("\n")), ...end];
  const said = escaped(clip([title, ...paragraphs].join(" "), sectionLimit));
  if (!table || table.rows.length === 0) return { text: said, blocks: plain };
  const listed = escaped(clip([title, ...paragraphs, ...rows].join("\n"), sectionLimit));
  return { text: listed, blocks: [head, ...sections(words), tableBlock(table), ...end], plain };
}

/** Slack tells of the press, too, which means nothing here. */
function linkRow({ label, url }: NonNullable<Card["link"]>): types.KnownBlock {
  const button = { type: "button", text: plain(label, 75), url, action_id: "open-link", style: "primary" } as const;
  return { type: "actions", elements: [button] };
}

export function buttonRow(buttons: readonly MessageButton[], text?: Text): types.KnownBlock[] {
  if (buttons.length === 0) return [];
  return [{ type: "actions", elements: buttons.slice(0, actionsLimit).map((button) => buttonElement(button, text)) }];
}

/** Says who asked, and for what where that is known, above everything that follows from it. */
export function headline(name: string, prompt: string | undefined): types.KnownBlock {
  const who = `*${escaped(clip(name, 80))}*`;
  const short = prompt && clip(prompt.replaceAll(/\s+/g, " "), 400); // five times as long when it is all "&"
  return { type: "section", text: markup(short ? `${who}: ${escaped(short)}` : who) };
}

export function note(text: string): types.KnownBlock {
  return { type: "context", elements: [markup(text)] };
}

/** The same message with a block on top. */
export function under(block: types.KnownBlock, { plain: words, ...content }: Content): Content {
  return { ...content, blocks: [block, ...content.blocks], ...(words ? { plain: [block, ...words] } : {}) };
}

/** The same message with a block at its end. */
export function above(block: types.KnownBlock, { plain: words, ...content }: Content): Content {
  return { ...content, blocks: [...content.blocks, block], ...(words ? { plain: [...words, block] } : {}) };
}
