import type { FakeGateway } from "./gateway.ts";
import type { MemberFile } from "./member.ts";
import { storeFile, storeMessage } from "./messages.ts";
import { channelTypes, seenMessage } from "./shown.ts";
import type { FakeChannel, FakeMessage, FakeState, FakeUser } from "./state.ts";

/** Carries what a message of a member has besides its text. */
export interface Posting {
  readonly channel?: FakeChannel;
  readonly files?: readonly MemberFile[];
  readonly embeds?: readonly object[];
  readonly stickers?: readonly string[];
  readonly replyTo?: FakeMessage;
  /** A reply pings whom it answers unless this is false. */
  readonly ping?: boolean;
  readonly forwards?: FakeMessage;
  readonly roles?: readonly string[];
}

/** Writes a message as a member, and tells the bot as far as its intents go. */
export function say(
  state: FakeState,
  gateway: FakeGateway,
  user: FakeUser,
  content: string,
  posting: Posting & { readonly channel: FakeChannel },
): FakeMessage {
  const { channel, files = [], embeds = [], stickers = [], replyTo, ping = true, forwards } = posting;
  const pinged = ping && replyTo?.author === state.botId;
  const message = storeMessage(state, {
    ...{ channel, author: user.id, ephemeral: false, content, embeds, stickers, replyTo },
    attachments: files.map(({ name, bytes }) => storeFile(state, channel, { filename: name, bytes })),
    forwarded: forwards ? [forwards] : [],
    mentionsBot: pinged || new RegExp(`<@!?${state.botId}>`).test(content),
  });
  tell(state, gateway, message, posting.roles);
  return message;
}

/** MESSAGE_CREATE, as the bot gets it; again and again where a test wants that. */
export function tell(
  state: FakeState,
  gateway: FakeGateway,
  message: FakeMessage,
  roles: readonly string[] = [],
): void {
  const { channel, replyTo } = message;
  const { guild } = channel;
  if (channel.kind === "group" || guild?.installed === false) return; // the bot is not there
  const intent = guild ? 1 << 9 : 1 << 12;
  const member = { roles, joined_at: "2026-01-01T00:00:00Z", deaf: false, mute: false, flags: 0 };
  const data = {
    ...seenMessage(state, message),
    ...(replyTo && !state.omitsReplied
      ? { referenced_message: state.messages.includes(replyTo) ? seenMessage(state, replyTo) : null }
      : {}),
    ...(guild ? { guild_id: guild.id, member } : {}),
    channel_type: channelTypes[channel.kind],
  };
  gateway.dispatch("MESSAGE_CREATE", data, guild?.id, intent);
}
