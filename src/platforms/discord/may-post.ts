import { ChannelType, PermissionFlagsBits } from "discord.js";
import type { ChannelPermission } from "../../errors.ts";

const { Administrator, ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles, ManageThreads } =
  PermissionFlagsBits;

const bits: Readonly<Record<ChannelPermission, bigint>> = {
  view: ViewChannel,
  send: SendMessages,
  threads: SendMessagesInThreads,
  attach: AttachFiles,
};

interface Where {
  readonly inThread: boolean;
  /** Images are to be posted, not words alone. */
  readonly files: boolean;
  /** Only who may manage threads writes in a thread that is locked. */
  readonly locked?: boolean | undefined;
}

/** The permissions that the bot lacks to post in a channel; `permissions` are its own there, as Discord tells them. */
export function lackingPermissions(
  permissions: string,
  { inThread, files, locked = false }: Where,
): readonly ChannelPermission[] {
  const own = BigInt(permissions);
  if ((own & Administrator) !== 0n) return [];
  const write = inThread ? "threads" : "send";
  const needed: readonly ChannelPermission[] = ["view", write, ...(files ? (["attach"] as const) : [])];
  const isShut = locked && (own & ManageThreads) === 0n;
  return needed.filter((each) => (own & bits[each]) === 0n || (each === write && isShut));
}

/** Channels that take posts, each a thread with a name, and no messages. */
export function takesPosts(type: ChannelType): boolean {
  return type === ChannelType.GuildForum || type === ChannelType.GuildMedia;
}
