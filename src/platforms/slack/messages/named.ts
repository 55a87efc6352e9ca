import type { types } from "@slack/bolt";
import { clip } from "../../../text/words.ts";

const limit = 3000;
const keys = /(slack:\w+\/group:\w+|slack:channel:\w+|slack:[TE]\w+:\w+)/;
const channelIds = /^[CG](?=\w*\d)[0-9A-Z]{6,}(?:, ?[CG](?=\w*\d)[0-9A-Z]{6,})*$/;

/** Names a channel in a sentence: `namedSection` shows its name. */
export function channelKey(id: string): string {
  return `slack:channel:${id}`;
}

/** The value of a row: where it is a list of channels, as keys. */
export function withChannelKeys(value: string): string {
  return channelIds.test(value) ? value.replaceAll(/\w+/g, channelKey) : value;
}

/** Text for one reader, shown letter by letter, but for the keys of members, groups and channels: they are shown by name. */
export function namedSection(text: string): types.KnownBlock {
  const elements = namedElements(clip(text, limit));
  if (!elements) return { type: "section", text: { type: "plain_text", text: clip(text, limit), emoji: false } };
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

/** The parts of a text that names members, groups or channels by their keys; undefined when it names none. */
export function namedElements(text: string): types.RichTextElement[] | undefined {
  const parts = text.split(keys);
  if (parts.length === 1) return undefined;
  return parts.flatMap((part, index) => (part === "" ? [] : [index % 2 === 1 ? named(part) : words(part)]));
}

/** The text for notifications, where Slack shows no names without telling those who bear them: ids without the rest. */
export function withIds(text: string): string {
  return text
    .split(keys)
    .map((part, index) => (index % 2 === 1 ? idIn(part) : part))
    .join("");
}

function words(text: string): types.RichTextText {
  return { type: "text", text };
}

function named(key: string): types.RichTextElement {
  const id = idIn(key);
  if (key.includes("/group:")) return { type: "usergroup", usergroup_id: id };
  return key.startsWith("slack:channel:") ? { type: "channel", channel_id: id } : { type: "user", user_id: id };
}

function idIn(key: string): string {
  return key.split(":").at(-1) ?? "";
}
