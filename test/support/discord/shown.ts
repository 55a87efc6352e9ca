import type { APIMessage } from "discord-api-types/v10";
import type { FakeAttachment, FakeChannel, FakeMessage, FakeState } from "./state.ts";

const ephemeralFlag = 64;
const loadingFlag = 128;
const v2Flag = 1 << 15;
export const channelTypes = { guild: 0, forum: 15, media: 16, thread: 11, dm: 1, group: 3 } as const;

/**
 * A message as the API shows it. Files that components show are not among its attachments (discord-api-docs #8277);
 * nonces are in no answer to GET.
 */
export function shownMessage(state: FakeState, message: FakeMessage): APIMessage {
  const { id, channel, author, ephemeral, at, v2, thinking, replyTo, forwarded } = message;
  const [first] = forwarded;
  return {
    ...bodyOf(message),
    id,
    channel_id: channel.id,
    type: replyTo ? 19 : 0,
    author: shownUser(state, author),
    ...(author === state.botId ? { application_id: state.applicationId } : {}),
    mentions: message.mentionsBot ? [shownUser(state, state.botId)] : [],
    mention_roles: [],
    mention_everyone: false,
    pinned: false,
    tts: false,
    timestamp: new Date(at).toISOString(),
    edited_timestamp: null,
    flags: (ephemeral ? ephemeralFlag : 0) | (thinking ? loadingFlag : 0) | (v2 ? v2Flag : 0),
    ...(replyTo ? { message_reference: { type: 0, channel_id: channel.id, message_id: replyTo.id } } : {}),
    ...(first
      ? {
          message_reference: { type: 1, channel_id: first.channel.id, message_id: first.id },
          message_snapshots: forwarded.map((each) => ({ message: bodyOf(each) })),
        }
      : {}),
  } as unknown as APIMessage;
}

/** The same for the bot, which sees the content only of its own messages, of direct ones, and of those that name it. */
export function seenMessage(state: FakeState, message: FakeMessage): APIMessage {
  const open =
    state.options.contentIntent ||
    message.author === state.botId ||
    message.channel.kind === "dm" ||
    message.mentionsBot;
  const shown = shownMessage(state, message);
  return open ? shown : { ...shown, content: "", attachments: [], embeds: [], components: [], sticker_items: [] };
}

function bodyOf({ v2, content, attachments, components, embeds, stickers }: FakeMessage) {
  return {
    content: v2 ? "" : content,
    components: withUrls(components, attachments),
    attachments: v2 ? [] : attachments.map(shownAttachment),
    embeds,
    ...(stickers.length > 0 ? { sticker_items: stickers.map((name) => ({ id: "1300", name, format_type: 1 })) } : {}),
  };
}

/** By the end of the name, as Discord itself guesses. */
const contentTypes: Readonly<Record<string, string>> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp", gif: "image/gif" },
  ...{ pdf: "application/pdf", txt: "text/plain; charset=utf-8", mp4: "video/mp4", ogg: "audio/ogg" },
};

export function shownAttachment({ bytes: _, description, spoiler, ...file }: FakeAttachment) {
  const type = contentTypes[/\.(\w+)$/.exec(file.filename)?.[1] ?? ""];
  return {
    ...file,
    ...(description ? { description } : {}),
    ...(type ? { content_type: type } : {}),
    ...(spoiler || file.filename.startsWith("SPOILER_") ? { flags: 1 << 3 } : {}),
    proxy_url: file.url,
  };
}

/** `attachment://name` becomes the address of the file. */
function withUrls<Part>(components: Part, attachments: readonly FakeAttachment[]): Part {
  const json = JSON.stringify(components).replace(/"url":"attachment:\/\/([^"]+)"/g, (whole, name: string) => {
    const file = attachments.find(({ filename }) => filename === name);
    return file ? `"url":"${file.url}","proxy_url":"${file.url}","attachment_id":"${file.id}"` : whole;
  });
  return JSON.parse(json);
}

export function shownUser(state: FakeState, id: string) {
  const bot = id === state.botId;
  const username = bot ? "atelier" : (state.users.get(id)?.name ?? "somebody");
  return { id, username, discriminator: "0", global_name: null, avatar: null, ...(bot ? { bot } : {}) };
}

const [viewing, sending, attaching, history, threading] = [1n << 10n, 1n << 11n, 1n << 15n, 1n << 16n, 1n << 38n];
/** Everybody has these permissions in a guild where nothing else was said. */
export const usualPermissions = viewing | sending | attaching | history | threading;

/** The bot's permissions as an overwrite of everybody's. */
function overwritesOf({ may, guild }: FakeChannel): object[] {
  const deny =
    (may.view ? 0n : viewing) |
    (may.send ? 0n : sending | threading) |
    (maySendFiles(may) ? 0n : attaching) |
    (may.history ? 0n : history);
  return deny === 0n ? [] : [{ id: guild?.id, type: 0, allow: "0", deny: String(deny) }];
}

function maySendFiles({ send, attach = send }: FakeChannel["may"]): boolean {
  return send && attach;
}

/** The bot's permissions in a channel, as interactions tell them. */
export function appPermissions({ may }: FakeChannel): string {
  return String(
    (may.view ? viewing : 0n) | (may.send ? sending | threading : 0n) | (maySendFiles(may) ? attaching : 0n),
  );
}

export function shownChannel(channel: FakeChannel) {
  const { id, kind, guild, parent, nsfw, name = "general" } = channel;
  return {
    ...{ id, type: channelTypes[kind], name },
    ...(guild ? { guild_id: guild.id } : {}),
    ...(parent ? shownThread(channel, parent) : guild ? { nsfw, permission_overwrites: overwritesOf(channel) } : {}),
    ...(kind === "forum" || kind === "media" ? shownForum(channel) : {}),
  };
}

function shownThread({ archived = false, locked = false, owner, applied = [] }: FakeChannel, parent: FakeChannel) {
  const thread_metadata = { archived, locked, auto_archive_duration: 1440, archive_timestamp: "2026-11-29T00:00:00Z" };
  return { parent_id: parent.id, thread_metadata, ...(owner ? { owner_id: owner } : {}), applied_tags: applied };
}

function shownForum({ tags = [], requiresTag = false }: FakeChannel) {
  const available_tags = tags.map((tag) => ({ ...tag, emoji_id: null, emoji_name: null }));
  return { available_tags, flags: requiresTag ? 1 << 4 : 0 };
}
