import type {
  APIInteraction,
  APIInteractionDataResolved,
  APIMessage,
  APIUser,
  GatewayMessageCreateDispatchData,
} from "discord.js";
import {
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  InteractionType,
  PermissionFlagsBits,
} from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { Caller } from "../../contract/usecases.ts";
import type { Sealer } from "../seal.ts";
import { parseCustomId } from "./custom-id.ts";
import { type ChannelFacts, type Facts, isThread } from "./facts.ts";
import { isSpoiler, picturesOf } from "./images-of.ts";
import { lackingPermissions } from "./may-post.ts";
import { isEphemeral } from "./own-message.ts";
import { memberKey, type ReplyTarget, roleKey, tenantKey, tokenLifeMs } from "./reply-target.ts";

/** An interaction that a member made; Discord's pings are not. */
export type Interaction = Exclude<APIInteraction, { type: 1 }>;

interface Deps {
  readonly facts: Facts;
  readonly seal: Sealer;
  readonly commands: readonly AnyCommand[];
}

/** Makes the caller of who pressed or typed, as the use cases know members. */
export async function callerOf(interaction: Interaction, receivedAt: number, deps: Deps): Promise<Caller> {
  const { id, member } = interaction;
  const guild = interaction.guild_id || undefined; // null in some direct messages
  const user = userOf(interaction);
  const place = await channelOf(interaction, deps.facts);
  const target = targetOf(interaction, { receivedAt, place }, deps);
  return {
    platform: "discord",
    tenant: tenantKey({ guild, user: user.id }),
    member: memberKey(user.id),
    name: member?.nick ?? user.global_name ?? user.username,
    locale: localeOf(interaction),
    replyTarget: JSON.stringify(target),
    inbound: `discord:${id}`,
    channel: target.parent ?? target.channel,
    roles: guild ? (member?.roles ?? []).map((role) => roleKey(guild, role)) : [],
    rights: guild && manages(member?.permissions) ? "admin" : undefined,
    mature: place.mature,
  };
}

/** The language of the member, or of the guild, where Discord tells neither, English. */
export function localeOf({ locale, guild_locale }: Partial<Pick<Interaction, "locale" | "guild_locale">>): string {
  return locale ?? guild_locale ?? "en-US";
}

/** Discord leaves the channel itself out at times, and then tells its id. */
async function channelOf({ channel, channel_id, guild_id }: Interaction, facts: Facts): Promise<Destination> {
  const id = channel?.id ?? channel_id ?? "";
  const guild = guild_id || undefined;
  if (channel?.type === undefined)
    return { id, type: undefined, ...(guild && id ? await facts.channel(id, guild) : open) };
  const parent = isThread(channel.type) && "parent_id" in channel ? (channel.parent_id ?? undefined) : undefined;
  const mature = "nsfw" in channel && channel.nsfw === true;
  return {
    ...{ id, type: channel.type, ...(parent ? { parent } : {}) },
    mature: mature || (parent !== undefined && (await facts.channel(parent, guild)).mature),
  };
}

const open: ChannelFacts = { mature: false };

interface Destination extends ChannelFacts {
  readonly id: string;
  /** Undefined where Discord did not tell. */
  readonly type: ChannelType | undefined;
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

/** Makes the caller of who wrote a message to the bot. Discord does not tell there what a member may do. */
export async function callerOfMessage(
  { message, answer, application, locale }: ByMessage,
  facts: Facts,
): Promise<Caller> {
  const { id, author, channel_id: channel, member } = message;
  const guild = message.guild_id || undefined;
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

interface Received {
  readonly receivedAt: number;
  readonly place: Destination;
}

function targetOf(interaction: Interaction, { receivedAt, place }: Received, deps: Deps): ReplyTarget {
  const { facts, seal, commands } = deps;
  const { attachment_size_limit: promised } = interaction;
  const guild = interaction.guild_id || undefined;
  const uploadBytes = (guild ? facts.guild(guild)?.uploadBytes : undefined) ?? promised;
  const isMember = place.id !== "" && isResident(interaction, place, facts);
  const lacking = isMember ? lackingIn(interaction, place) : [];
  return {
    channel: place.id,
    ...(place.parent ? { parent: place.parent } : {}),
    ...(guild ? { guild } : {}),
    user: userOf(interaction).id,
    application: interaction.application_id,
    resident: isMember && lacking.length === 0,
    ...(lacking.length > 0 ? { lacking } : {}),
    token: seal.seal(interaction.token),
    tokenUntil: receivedAt + tokenLifeMs,
    ...(uploadBytes === undefined ? {} : { uploadBytes }),
    ...answerIn(interaction, commands),
    ...(startsHidden(interaction) ? { spoiler: true } : {}),
  };
}

/** A file that comes along, or an image of the message with the button, is hidden until somebody looks. */
function startsHidden(interaction: Interaction): boolean {
  const { data, message } = interaction as { data?: { resolved?: APIInteractionDataResolved }; message?: APIMessage };
  const files = Object.values(data?.resolved?.attachments ?? {});
  return files.some(isSpoiler) || (message !== undefined && picturesOf(message).spoiler);
}

/** A yes to a question that the bot had put in its reply to a message: as without the question, the reply becomes the result. */
function answerIn(interaction: Interaction, commands: readonly AnyCommand[]): Pick<ReplyTarget, "asked" | "answer"> {
  if (interaction.type !== InteractionType.MessageComponent) return {};
  const { data, message } = interaction;
  const pressed = parseCustomId(data.custom_id)?.command;
  const command = commands.find(({ name }) => name === pressed);
  const accepts = command?.answersConfirmation && command.startsJob;
  if (!message || !accepts || isEphemeral(message)) return {};
  const asked = message.message_reference?.message_id;
  return { ...(asked ? { asked } : {}), answer: message.id };
}

function isResident(
  { guild_id, context, authorizing_integration_owners: owners }: Partial<Interaction>,
  { type }: Destination,
  facts: Facts,
): boolean {
  if (!guild_id) return context !== InteractionContextType.PrivateChannel && type !== ChannelType.GroupDM;
  if (!owners) return facts.guild(guild_id) !== undefined;
  return owners[ApplicationIntegrationType.GuildInstall] !== undefined;
}

/** As Discord itself says it at this moment: a refused post would count towards a ban. */
function lackingIn({ guild_id, app_permissions, channel }: Partial<Interaction>, { type, parent }: Destination) {
  if (!guild_id || app_permissions === undefined) return [];
  const inThread = type === undefined ? parent !== undefined : isThread(type);
  const locked = channel && "thread_metadata" in channel ? channel.thread_metadata?.locked : false;
  return lackingPermissions(app_permissions, { inThread, files: true, locked });
}

function manages(permissions: string | undefined): boolean {
  const { Administrator, ManageGuild } = PermissionFlagsBits;
  return (BigInt(permissions ?? 0) & (Administrator | ManageGuild)) !== 0n;
}
