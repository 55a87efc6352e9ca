import type { GatewayDispatchPayload } from "discord.js";
import { ChannelType } from "discord.js";
import type { Cache } from "../../world.ts";
import type { DiscordApi } from "./rest/api.ts";
import { unlessClosed } from "./rest/api.ts";

/** The facts that are remembered of each guild: far fewer than the library would keep. */
export interface GuildFacts {
  readonly locale: string;
  /** Bytes of one file; more than Discord's usual limit once members boosted the guild. */
  readonly uploadBytes?: number;
}

export interface ChannelFacts {
  /** The channel that a thread belongs to. */
  readonly parent?: string;
  readonly mature: boolean;
}

export interface Facts {
  /** Is told every event of the gateway. */
  readonly heard: (packet: GatewayDispatchPayload) => void;
  readonly guild: (id: string) => GuildFacts | undefined;
  /** Asks Discord where it is not known; a thread is for adults where its channel is. */
  readonly channel: (id: string, guild?: string) => Promise<ChannelFacts>;
}

const MiB = 1024 * 1024;
/** By premium tier. */
const boosted: Readonly<Record<number, number>> = { 2: 50 * MiB, 3: 100 * MiB };
const threads: readonly ChannelType[] = [
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
];
const rememberMs = 600_000;

export function isThread(type: ChannelType): boolean {
  return threads.includes(type);
}

export function createFacts(api: DiscordApi, cache: Cache): Facts {
  const guilds = new Map<string, GuildFacts>();

  async function ask(id: string, guild?: string): Promise<ChannelFacts> {
    const channel = await unlessClosed(api.channel({ channel: id, guild }));
    if (!channel) return { mature: false };
    if (isThread(channel.type) && "parent_id" in channel && channel.parent_id) {
      return { parent: channel.parent_id, mature: (await facts.channel(channel.parent_id, guild)).mature };
    }
    return { mature: "nsfw" in channel && channel.nsfw === true };
  }

  const facts: Facts = {
    heard(packet) {
      if (packet.t === "GUILD_DELETE" && !packet.d.unavailable) guilds.delete(packet.d.id);
      if (packet.t !== "GUILD_CREATE" && packet.t !== "GUILD_UPDATE") return;
      if ("unavailable" in packet.d && packet.d.unavailable) return;
      const { id, preferred_locale: locale, premium_tier } = packet.d;
      const uploadBytes = boosted[premium_tier];
      guilds.set(id, { locale, ...(uploadBytes ? { uploadBytes } : {}) });
    },
    guild: (id) => guilds.get(id),
    async channel(id, guild) {
      const key = `discord:channel:${id}`;
      const known = await cache.get<ChannelFacts>(key);
      if (known) return known;
      const asked = await ask(id, guild);
      await cache.set(key, asked, rememberMs);
      return asked;
    },
  };
  return facts;
}
