import type { Caller } from "../../contract/usecases.ts";
import type { ChannelPermission } from "../../errors.ts";
import type { World } from "../../world.ts";
import type { Sealer } from "../seal.ts";

/** The place to which a job's answer goes; stored as JSON in Caller.replyTarget. */
export interface ReplyTarget {
  readonly channel: string;
  /** The channel that a thread belongs to. */
  readonly parent?: string;
  readonly guild?: string;
  readonly user: string;
  readonly application: string;
  /** The bot itself may write there; false where only the member brought it along (user install). */
  readonly resident: boolean;
  /** The bot lacks these to post there, in a server that it lives in. */
  readonly lacking?: readonly ChannelPermission[];
  /** The interaction token, sealed: whoever has it can write as the bot. Empty where a message asked. */
  readonly token: string;
  /** Milliseconds since 1970; the token is never used from then on. */
  readonly tokenUntil: number;
  /** Bytes of one file that Discord promised to take there. */
  readonly uploadBytes?: number;
  /** The message that asked. */
  readonly asked?: string;
  /** The bot's own message that answered it, and becomes the result. */
  readonly answer?: string;
  /** The images that it starts from were hidden until somebody looks, and so is the result. */
  readonly spoiler?: true;
}

/** Discord keeps an interaction token for 15 minutes; a use after that counts towards a ban. */
export const tokenLifeMs = 14 * 60_000;

export function memberKey(user: string): string {
  return `discord:${user}`;
}

export function roleKey(guild: string, role: string): string {
  return `discord:guild:${guild}/role:${role}`;
}

export function tenantKey({ guild, user }: { guild?: string | undefined; user: string }): string {
  return guild ? guildKey(guild) : `discord:dm:${user}`;
}

export function guildKey(guild: string): string {
  return `discord:guild:${guild}`;
}

/** The guild that a tenant is; undefined for direct messages. */
export function guildOf(tenant: string): string | undefined {
  const prefix = guildKey("");
  return tenant.startsWith(prefix) ? tenant.slice(prefix.length) : undefined;
}

/** Makes the key of a message, as in Delivered.message: unique over all platforms. */
export function messageKey(channel: string, message: string): string {
  return `discord:${channel}:${message}`;
}

/** Reads the key of a message; undefined for one of another platform. */
export function readMessageKey(key: string): { readonly channel: string; readonly message: string } | undefined {
  const { channel, message } = /^discord:(?<channel>\d+):(?<message>\d+)$/.exec(key)?.groups ?? {};
  return channel && message ? { channel, message } : undefined;
}

/** Reads a Caller.replyTarget, written in this process or an earlier one. */
export function readReplyTarget(json: string): ReplyTarget {
  return JSON.parse(json);
}

/** The same caller, with a result that is hidden until somebody looks. */
export function behindSpoiler(caller: Caller): Caller {
  return { ...caller, replyTarget: JSON.stringify({ ...readReplyTarget(caller.replyTarget), spoiler: true }) };
}

/** The token as long as it may be used. */
export function liveToken(target: ReplyTarget, seal: Sealer, world: World): string | undefined {
  return target.token !== "" && world.now() < target.tokenUntil ? seal.open(target.token) : undefined;
}
