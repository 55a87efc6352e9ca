import type { APIInteraction, APIUser, GatewayMessageCreateDispatchData } from "discord.js";
import { ApplicationIntegrationType, InteractionContextType, InteractionType, PermissionFlagsBits } from "discord.js";
import type { Caller } from "../../contract/usecases.ts";
import type { Sealer } from "../seal.ts";
import { parseCustomId } from "./custom-id.ts";
import { type Facts, isThread } from "./facts.ts";
import { isEphemeral } from "./own-message.ts";
import { memberKey, type ReplyTarget, roleKey, tenantKey, tokenLifeMs } from "./reply-target.ts";

/** An interaction that a member made; Discord's pings are not. */
export type Interaction = Exclude<APIInteraction, { type: 1 }>;

interface Deps {
  readonly facts: Facts;
  readonly seal: Sealer;
}

/** Who pressed or typed, as the use cases know members. */
export async function callerOf(interaction: Interaction, receivedAt: number, deps: Deps): Promise<Caller> {
  const { id, guild_id: guild, locale, member } = interaction;
  const user = userOf(interaction);
  const target = placeOf(interaction, receivedAt, deps);
  return {
    platform: "discord",
    tenant: tenantKey({ guild, user: user.id }),
    member: memberKey(user.id),
    name: member?.nick ?? user.global_name ?? user.username,
    locale,
    replyTarget: JSON.stringify(target),
    inbound: `discord:${id}`,
    channel: target.parent ?? target.channel,
    roles: guild ? (member?.roles ?? []).map((role) => roleKey(guild, role)) : [],
    rights: guild && manages(member?.permissions) ? "admin" : undefined,
    mature: await isMature(interaction, target, deps.facts),
  };
}

export function userOf({ user, member }: Interaction): APIUser {
  const found = member?.user ?? user;
  if (!found) throw new TypeError("an interaction of nobody");
  return found;
}

interface ByMessage {
  readonly message: GatewayMessageCreateDispatchData;
  /** Where the bot answers: the channel of the message, or the member's direct messages. */
  readonly answer: { readonly channel: string; readonly id: string };
  readonly application: string;
  readonly locale: string;
}

/** Who wrote a message to the bot. Discord does not tell there what a member may do. */
export async function callerOfMessage(
  { message, answer, application, locale }: ByMessage,
  facts: Facts,
): Promise<Caller> {
  const { id, author, guild_id: guild, channel_id: channel, member } = message;
  const { parent, mature } = guild ? await facts.channel(channel, guild) : { mature: false };
  const uploadBytes = guild && facts.guild(guild)?.uploadBytes;
  const target: ReplyTarget = {
    ...{ channel: answer.channel, user: author.id, application, resident: true, token: "", tokenUntil: 0 },
    ...(parent ? { parent } : {}),
    ...(guild ? { guild } : {}),
    ...(uploadBytes ? { uploadBytes } : {}),
    ...{ asked: id, answer: answer.id },
  };
  return {
    platform: "discord",
    tenant: tenantKey({ guild, user: author.id }),
    member: memberKey(author.id),
    name: member?.nick ?? author.global_name ?? author.username,
    locale,
    replyTarget: JSON.stringify(target),
    inbound: `discord:message:${id}`,
    channel: parent ?? channel,
    roles: guild ? (member?.roles ?? []).map((role) => roleKey(guild, role)) : [],
    mature,
  };
}

function placeOf(interaction: Interaction, receivedAt: number, { facts, seal }: Deps): ReplyTarget {
  const { channel, guild_id: guild, attachment_size_limit } = interaction;
  const parent = channel && isThread(channel.type) && "parent_id" in channel ? channel.parent_id : undefined;
  return {
    channel: channel?.id ?? "",
    ...(parent ? { parent } : {}),
    ...(guild ? { guild } : {}),
    user: userOf(interaction).id,
    application: interaction.application_id,
    resident: isResident(interaction) && mayPost(interaction),
    token: seal.seal(interaction.token),
    tokenUntil: receivedAt + tokenLifeMs,
    uploadBytes: (guild ? facts.guild(guild)?.uploadBytes : undefined) ?? attachment_size_limit,
    ...answerIn(interaction),
  };
}

/** A yes to a question that the bot had put in its reply to a message: as without the question, the reply becomes the result. */
function answerIn(interaction: Interaction): Pick<ReplyTarget, "asked" | "answer"> {
  if (interaction.type !== InteractionType.MessageComponent) return {};
  const { data, message } = interaction;
  if (parseCustomId(data.custom_id)?.command !== "accept" || isEphemeral(message)) return {};
  const asked = message.message_reference?.message_id;
  return { ...(asked ? { asked } : {}), answer: message.id };
}

function isResident({ guild_id, context, authorizing_integration_owners: owners }: Interaction): boolean {
  if (guild_id) return owners[ApplicationIntegrationType.GuildInstall] !== undefined;
  return context !== InteractionContextType.PrivateChannel;
}

/** As Discord itself says it at this moment: a refused post would count towards a ban. */
function mayPost({ guild_id, app_permissions, channel }: Interaction): boolean {
  if (!guild_id) return true;
  const { ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles } = PermissionFlagsBits;
  const send = channel && isThread(channel.type) ? SendMessagesInThreads : SendMessages;
  const needed = ViewChannel | send | AttachFiles;
  return (BigInt(app_permissions) & needed) === needed;
}

function manages(permissions: string | undefined): boolean {
  const { Administrator, ManageGuild } = PermissionFlagsBits;
  return (BigInt(permissions ?? 0) & (Administrator | ManageGuild)) !== 0n;
}

async function isMature(
  { channel, guild_id: guild }: Interaction,
  { parent }: ReplyTarget,
  facts: Facts,
): Promise<boolean> {
  if (channel && "nsfw" in channel && channel.nsfw === true) return true;
  return parent !== undefined && (await facts.channel(parent, guild)).mature;
}
