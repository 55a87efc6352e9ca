import { type Emoji, emojiIn } from "./emoji.ts";
import type { Written } from "./events.ts";
import type { SlackFile } from "./incoming.ts";
import { filesIn, type MessageParts } from "./message-images.ts";

/** The part of a message event that the app goes by; each of them may be missing. */
interface MessageEvent extends MessageParts {
  readonly user?: string | undefined;
  readonly text?: string | null;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly thread_ts?: string | undefined;
  readonly subtype?: string | undefined;
  readonly bot_id?: string | undefined;
  readonly edited?: { readonly ts?: string } | null;
  readonly message?: MessageEvent;
  readonly previous_message?: MessageEvent;
}

/** A member's message: who wrote it where, its words and its files. */
export interface ReadMessage {
  readonly written: Written;
  /** In Slack's markup. */
  readonly text: string;
  readonly files: readonly SlackFile[];
  readonly emoji: Emoji;
  /** When it was last changed; undefined when it is new. */
  readonly edited: string | undefined;
}

/** Written by a member, in whatever way: with files, as `/me`, or in a thread and to the conversation. */
const subtypes: readonly (string | undefined)[] = [
  undefined,
  "file_share",
  "thread_broadcast",
  "reply_broadcast",
  "me_message",
];

/** Reads a changed message; undefined when a bot wrote it, or nobody changed its words: a preview that Slack adds is a change, too. */
export function readMessage(event: object): ReadMessage | undefined {
  const { subtype, message, previous_message, channel } = event as MessageEvent;
  if (subtype !== "message_changed") return readWritten(event);
  const changed = message && readWritten({ ...message, channel });
  return changed?.edited === undefined || message?.text === previous_message?.text ? undefined : changed;
}

function readWritten(event: MessageEvent): ReadMessage | undefined {
  const { user, bot_id, subtype, channel, ts, thread_ts, text, edited } = event;
  if (!user || bot_id || !channel || !ts || !subtypes.includes(subtype)) return undefined;
  const written = { user, channel, ts, thread: thread_ts === ts ? undefined : thread_ts };
  return { written, text: text ?? "", files: filesIn(event), emoji: emojiIn(event.blocks ?? []), edited: edited?.ts };
}
