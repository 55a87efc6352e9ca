import { ChannelType, type GatewayGuildCreateDispatchData } from "discord.js";
import type { AlertChannel } from "../../contract/alerts.ts";
import type { Permissions } from "./permissions.ts";
import { guildKey } from "./reply-target.ts";

/** At each start Discord lists every server: only one that the bot joined within this time is new, also while it was off. */
const newMs = 24 * 3_600_000;

/** The channel of a server that the bot has just joined in which it says how to begin; undefined where there is none. */
export function channelForWelcome(
  guild: GatewayGuildCreateDispatchData,
  { mayPost }: Pick<Permissions, "mayPost">,
  now: number,
): AlertChannel | undefined {
  const joinedAt = Date.parse(guild.joined_at ?? "");
  if (guild.unavailable || !(now - joinedAt < newMs)) return undefined;
  const texts = guild.channels.filter(({ type }) => type === ChannelType.GuildText).map(({ id }) => id);
  const system = guild.system_channel_id;
  const wanted = system && texts.includes(system) ? [system, ...texts] : texts;
  const channel = wanted.find((id) => mayPost(id) === true) ?? wanted.find((id) => mayPost(id, false) === true);
  if (channel === undefined) return undefined;
  return { platform: "discord", tenant: guildKey(guild.id), channel, locale: guild.preferred_locale };
}
