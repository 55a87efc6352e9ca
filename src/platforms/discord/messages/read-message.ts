import type { APIMessage, GatewayMessageCreateDispatchData } from "discord.js";
import { MessageType } from "discord.js";
import { type PromptWithOptions, readWords } from "../../../command/words-in-prompt.ts";
import type { IncomingImage } from "../../../image.ts";
import { type Pictures, picturesOf } from "../images-of.ts";
import { type OwnMessage, ownMessage } from "../own-message.ts";

/** A message that asks something of the bot. */
export interface Addressed {
  readonly words: PromptWithOptions;
  /** They come with the message itself. */
  readonly attached: readonly IncomingImage[];
  /** They stand in the message that it replies to. */
  readonly shown: readonly IncomingImage[];
  /** Names of what either of the two shows and nobody can edit. */
  readonly unusable: readonly string[];
  /** One of the images is hidden until somebody looks. */
  readonly spoiler: boolean;
  /** It replies to images of the bot's own. */
  readonly ours?: OwnMessage | undefined;
  /** It replies to something of which Discord shows the bot nothing, or which it keeps back. */
  readonly hidden: boolean;
}

/**
 * Undefined for what is not meant for the bot. Meant for it are direct messages, mentions that somebody wrote, and replies
 * to its images; without its intent, Discord leaves the words out of replies that do not ping.
 */
export function readMessage(message: GatewayMessageCreateDispatchData, self: string): Addressed | undefined {
  const { author, webhook_id, type, content = "", guild_id, referenced_message: replied } = message;
  const written = type === MessageType.Default || type === MessageType.Reply;
  if (author.bot || webhook_id || !written) return undefined;
  const named = namePattern(self);
  const theirs = replied ? picturesOf(replied) : nothing;
  const ours = replied?.author.id === self;
  const own = picturesOf(message);
  const [shown, attached] = [theirs.images, own.images];
  const answersOurs = ours && shown.length > 0 && (content !== "" || attached.length > 0);
  const direct = !guild_id;
  if (!direct && !named.test(content) && !answersOurs) return undefined;
  return {
    words: readWords(content.replace(namePattern(self, "g"), " ").trim()),
    attached,
    shown,
    ...(ours && replied && shown.length > 0 ? { ours: ownMessage(replied) } : {}),
    unusable: [...theirs.unusable, ...own.unusable],
    spoiler: theirs.spoiler || own.spoiler,
    hidden:
      type === MessageType.Reply && (replied === undefined || (replied !== null && !ours && showsNothing(replied))),
  };
}

function namePattern(self: string, flags = ""): RegExp {
  return new RegExp(`<@!?${self}>`, flags);
}

const nothing: Pictures = { images: [], unusable: [], unlikely: [], spoiler: false };

function showsNothing({ content, message_snapshots: snapshots = [], ...message }: APIMessage): boolean {
  const { images, unusable } = picturesOf({ ...message, message_snapshots: snapshots });
  const written = [content, ...snapshots.map((each) => each.message.content)].join("");
  return !written && images.length + unusable.length + (message.components?.length ?? 0) === 0;
}
