import { createHash } from "node:crypto";
import { type APIChannel, RESTJSONErrorCodes } from "discord.js";
import type {
  ChannelClosed,
  ChannelContent,
  ChannelMessage,
  ChannelPosted,
} from "../../../contract/channel-messages.ts";
import { DeliveryDelayed } from "../../../contract/delivery.ts";
import { textFor } from "../../../text/text.ts";
import type { Platform } from "../../platform.ts";
import { renderCard } from "../cards.ts";
import { customId } from "../custom-id.ts";
import { guildOf, readMessageKey } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import { DiscordFailure, isForLater } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import { isForum, postInForum } from "./forum-post.ts";
import { postOnce, reference } from "./post.ts";

/** `Platform.postToChannel` over REST alone. */
export function channelPoster(api: DiscordApi): NonNullable<Platform["postToChannel"]> {
  return async (message) => {
    try {
      return await (message.earlier === undefined ? post(message, api) : edit(message, message.earlier, api));
    } catch (error) {
      if (isForLater(error)) throw new DeliveryDelayed(error.message, error.retryAfterMs);
      if (!(error instanceof DiscordFailure) || error.kind !== "closed") throw error;
      // Somebody deleted the message, or the bot was shut out since: there is nothing to edit any more.
      return message.earlier === undefined ? { closed: whyClosed(error) } : { message: message.earlier };
    }
  };
}

async function post(given: ChannelMessage, api: DiscordApi): Promise<ChannelPosted> {
  const { tenant, channel, content } = given;
  const to = { channel, guild: guildOf(tenant) };
  if (content.kind === "channel-check") api.brake.reopen(channel); // somebody may have let the bot in just now
  const found = await api.channel(to);
  // A channel of another server is none of this one.
  if (!("guild_id" in found) || found.guild_id !== to.guild) return { closed: "gone" };
  try {
    return await postIn(found, given, api);
  } catch (error) {
    const isClosed = error instanceof DiscordFailure && error.kind === "closed";
    if (!isClosed || content.kind !== "digest" || !content.plot) throw error;
    return postIn(found, { ...given, content: { ...content, plot: undefined } }, api); // files alone may be closed
  }
}

async function postIn(
  found: APIChannel,
  { id, tenant, channel, locale, content, repeated }: ChannelMessage,
  api: DiscordApi,
): Promise<ChannelPosted> {
  const to = { channel, guild: guildOf(tenant) };
  const message = rendered(content, locale);
  const posting = { to, message, mark: markOf(content, message) };
  if (isForum(found)) {
    const name = textFor(locale).approvals.inChannel(content).title;
    const key = await postInForum({ ...posting, channel: found, name }, repeated, api);
    return key === undefined ? { closed: "tags" } : edited(key);
  }
  const nonce = createHash("sha256").update(id).digest("base64url").slice(0, 25);
  return edited(reference(await postOnce({ ...posting, nonce }, repeated, api)));

  /** An earlier try may have told it as it was then. */
  async function edited(key: string): Promise<ChannelPosted> {
    const at = repeated ? readMessageKey(key) : undefined;
    if (at) await api.edit({ channel: at.channel, guild: to.guild }, at.message, message);
    return { message: key };
  }
}

async function edit(
  { tenant, locale, content }: ChannelMessage,
  earlier: string,
  api: DiscordApi,
): Promise<ChannelPosted> {
  const at = readMessageKey(earlier);
  if (!at) return { message: earlier };
  const message = rendered(content, locale);
  await api.edit({ channel: at.channel, guild: guildOf(tenant) }, at.message, message);
  return { message: earlier };
}

function rendered(content: ChannelContent, locale: string): Outgoing {
  const text = textFor(locale);
  const card = text.approvals.inChannel(content);
  if (content.kind !== "digest" || !content.plot) return renderCard(card);
  const { path, name } = content.plot;
  return renderCard(card, { picture: { path, name, mime: "image/png", alt: text.alerts.plotAlt(content.digest) } });
}

/** A string by which the message of an earlier try is found among others: the id of its first button, or its words. */
function markOf(content: ChannelContent, { components }: Outgoing): string {
  if (content.kind === "approval") return customId({ command: "approve", job: content.approval.job.id });
  const [words] = JSON.stringify(components).match(/"content":"(?:[^"\\]|\\.)*"/) ?? [];
  return words === undefined ? "" : (JSON.parse(`{${words}}`) as { content: string }).content;
}

function whyClosed({ code }: DiscordFailure): ChannelClosed {
  if (code === RESTJSONErrorCodes.TagRequiredToCreateAForumPostInThisChannel) return "tags";
  return code === RESTJSONErrorCodes.UnknownChannel ? "gone" : "forbidden";
}
