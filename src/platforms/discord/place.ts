import type { ButtonInteraction, ChatInputCommandInteraction, ModalSubmitInteraction } from "discord.js";
import { ApplicationIntegrationType, InteractionContextType } from "discord.js";
import type { Caller } from "../../usecases/usecases.ts";
import type { World } from "../../world.ts";
import type { Sealer } from "../platform.ts";

export type Interaction = ChatInputCommandInteraction | ButtonInteraction | ModalSubmitInteraction;

/** Where a job's answer goes; stored as JSON in Caller.place. */
export interface Place {
  readonly channel: string;
  readonly guild?: string;
  readonly user: string;
  readonly application: string;
  /** The bot itself lives there; false where only the member brought it along (user install). */
  readonly resident: boolean;
  /** The interaction token, sealed: whoever has it can write as the bot. */
  readonly token: string;
  /** Milliseconds since 1970; the token is never used from then on. */
  readonly tokenUntil: number;
}

/** Discord keeps an interaction token for 15 minutes; a use after that counts towards a ban. */
const tokenLifeMs = 14 * 60_000;

/** Who pressed or typed, as the use cases know members. */
export function callerOf(interaction: Interaction, receivedAt: number, seal: Sealer): Caller {
  const { id, user, guildId, locale, member } = interaction;
  const nick = member && "nick" in member ? member.nick : undefined;
  return {
    platform: "discord",
    tenant: guildId ? `discord:guild:${guildId}` : `discord:dm:${user.id}`,
    member: memberKey(user.id),
    name: nick ?? user.displayName,
    locale,
    place: JSON.stringify(placeOf(interaction, receivedAt, seal)),
    inbound: `discord:${id}`,
  };
}

export function memberKey(user: string): string {
  return `discord:${user}`;
}

/** Reads what `callerOf` wrote, in this process or an earlier one. */
export function readPlace(json: string): Place {
  return JSON.parse(json);
}

/** The token as long as it may be used. */
export function liveToken(place: Place, seal: Sealer, world: World): string | undefined {
  return world.now() < place.tokenUntil ? seal.open(place.token) : undefined;
}

function placeOf(interaction: Interaction, receivedAt: number, seal: Sealer): Place {
  return {
    channel: interaction.channelId ?? "",
    ...(interaction.guildId ? { guild: interaction.guildId } : {}),
    user: interaction.user.id,
    application: interaction.applicationId,
    resident: isResident(interaction),
    token: seal.seal(interaction.token),
    tokenUntil: receivedAt + tokenLifeMs,
  };
}

function isResident({ guildId, context, authorizingIntegrationOwners }: Interaction): boolean {
  if (guildId) return authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall] !== undefined;
  return context !== InteractionContextType.PrivateChannel;
}
