import type { GatewayMessageCreateDispatchData } from "discord.js";
import type { Cache } from "../../world.ts";
import { type Interaction, userOf } from "./caller.ts";
import type { Facts } from "./facts.ts";

/** Discord tells a member's language with interactions, and not with messages. */
const rememberMs = 30 * 24 * 3_600_000;
const noteFor = (user: string) => `discord:language:${user}`;

/** Writes down the language in which a member uses Discord. */
export async function rememberLanguage(interaction: Interaction, cache: Cache): Promise<void> {
  const note = noteFor(userOf(interaction).id);
  const { locale } = interaction as { readonly locale?: string };
  if (locale && (await cache.get<string>(note)) !== locale) await cache.set(note, locale, rememberMs);
}

/** The member's own language where it is known, else their guild's; BCP 47. */
export async function languageOf(
  { author, guild_id }: GatewayMessageCreateDispatchData,
  facts: Facts,
  cache: Cache,
): Promise<string> {
  const own = await cache.get<string>(noteFor(author.id));
  return own ?? (guild_id ? facts.guild(guild_id)?.locale : undefined) ?? "en-US";
}
