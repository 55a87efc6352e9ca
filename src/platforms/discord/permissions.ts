import type { APIGuildMember, APIOverwrite, GatewayDispatchPayload } from "discord.js";
import { PermissionFlagsBits } from "discord.js";
import type { World } from "../../world.ts";

/** Knows where the bot may write, as far as the gateway's events tell. */
export interface Permissions {
  /** Hears every event of the gateway. */
  readonly heard: (packet: GatewayDispatchPayload) => void;
  /** Whether the bot may post there, images or words alone; undefined where no event told. */
  readonly mayPost: (channel: string, files?: boolean) => boolean | undefined;
}

const { Administrator, ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles } = PermissionFlagsBits;
/** These permissions are kept, as small numbers: an overwrite of anything else is forgotten. */
const kept = [Administrator, ViewChannel, SendMessages, SendMessagesInThreads, AttachFiles] as const;
const [administrator, viewing, sending, threading, attaching] = [1, 2, 4, 8, 16] as const;
const everything = 31;

type Overwrite = Readonly<Record<"allow" | "deny", number>>;

interface GuildRecord {
  readonly roles: Map<string, number>;
  /** Every channel, with its overwrites by role or user. */
  readonly channels: Map<string, ReadonlyMap<string, Overwrite>>;
  /** The channel of each open thread. */
  readonly threads: Map<string, string>;
  own: Pick<APIGuildMember, "roles" | "communication_disabled_until"> | undefined;
}

export function createPermissions({ now }: Pick<World, "now">): Permissions {
  const guilds = new Map<string, GuildRecord>();
  const guildOf = new Map<string, string>();
  let self = "";

  return {
    heard(packet) {
      if (packet.t === "READY") self = packet.d.user.id;
      record(packet, { guilds, guildOf, self });
    },
    mayPost(channel, files = true) {
      const guild = guildOf.get(channel);
      const guildRecord = guild === undefined ? undefined : guilds.get(guild);
      if (guild === undefined || !guildRecord?.own) return undefined;
      const parent = guildRecord.threads.get(channel);
      const bits = bitsIn(guildRecord, { guild, self, channel: parent ?? channel });
      if (bits & administrator) return true;
      if (Date.parse(guildRecord.own.communication_disabled_until ?? "") > now()) return false;
      const needed = viewing | (files ? attaching : 0) | (parent === undefined ? sending : threading);
      return (bits & needed) === needed;
    },
  };
}

/** As Discord computes it: the roles together, then the channel's overwrites of @everyone, roles, and the bot itself. */
function bitsIn(
  guildRecord: GuildRecord,
  { guild, self, channel }: { guild: string; self: string; channel: string },
): number {
  const { roles, channels, own } = guildRecord;
  const mine = own?.roles ?? [];
  const base = [guild, ...mine].reduce((bits, role) => bits | (roles.get(role) ?? 0), 0);
  if (base & administrator) return everything;
  const overwrites = channels.get(channel);
  const together = mine.map((role) => overwrites?.get(role)).filter((each) => each !== undefined);
  const ofRoles = together.reduce(
    (sum, { allow, deny }) => ({ allow: sum.allow | allow, deny: sum.deny | deny }),
    none,
  );
  return [overwrites?.get(guild), ofRoles, overwrites?.get(self)].reduce(
    (bits, each) => (each ? (bits & ~each.deny) | each.allow : bits),
    base,
  );
}

const none: Overwrite = { allow: 0, deny: 0 };
const noOverwrites: ReadonlyMap<string, Overwrite> = new Map();

interface Records {
  readonly guilds: Map<string, GuildRecord>;
  readonly guildOf: Map<string, string>;
  readonly self: string;
}

function record(packet: GatewayDispatchPayload, records: Records): void {
  switch (packet.t) {
    case "GUILD_CREATE":
      recordGuild(packet.d as unknown as FullGuild, records);
      break;
    case "GUILD_DELETE":
      forgetGuild(packet.d.id, records);
      break;
    case "GUILD_ROLE_CREATE":
    case "GUILD_ROLE_UPDATE":
      records.guilds.get(packet.d.guild_id)?.roles.set(packet.d.role.id, smallBits(packet.d.role.permissions));
      break;
    case "GUILD_ROLE_DELETE":
      records.guilds.get(packet.d.guild_id)?.roles.delete(packet.d.role_id);
      break;
    case "GUILD_MEMBER_UPDATE":
      if (packet.d.user.id === records.self) recordSelf(packet.d.guild_id, packet.d, records);
      break;
    default:
      recordPlace(packet, records);
  }
}

function recordPlace(packet: GatewayDispatchPayload, records: Records): void {
  switch (packet.t) {
    case "CHANNEL_CREATE":
    case "CHANNEL_UPDATE":
      recordChannel(packet.d as AnyChannel, records);
      break;
    case "THREAD_CREATE":
    case "THREAD_UPDATE":
      recordThread(packet.d as AnyChannel, records);
      break;
    case "CHANNEL_DELETE":
    case "THREAD_DELETE":
      forgetChannel(packet.d.id, records);
      break;
    case "THREAD_LIST_SYNC":
      for (const thread of packet.d.threads as readonly AnyChannel[]) {
        recordThread({ ...thread, guild_id: packet.d.guild_id }, records);
      }
  }
}

interface AnyChannel {
  readonly id: string;
  readonly guild_id?: string | undefined;
  readonly parent_id?: string | null | undefined;
  readonly permission_overwrites?: readonly APIOverwrite[] | undefined;
}

/** Discord leaves each of its lists out at times. */
interface FullGuild {
  readonly id: string;
  readonly unavailable?: boolean;
  readonly roles?: readonly { readonly id: string; readonly permissions: string }[];
  readonly channels?: readonly AnyChannel[];
  readonly threads?: readonly AnyChannel[];
  readonly members?: readonly APIGuildMember[];
}

function recordGuild(
  { id, unavailable, roles, channels = [], threads = [], members = [] }: FullGuild,
  records: Records,
) {
  forgetGuild(id, records);
  if (unavailable || !roles) return;
  records.guilds.set(id, {
    roles: new Map(roles.map((role) => [role.id, smallBits(role.permissions)])),
    ...{ channels: new Map(), threads: new Map(), own: undefined },
  });
  const own = members.find(({ user }) => user?.id === records.self);
  if (own) recordSelf(id, own, records);
  for (const channel of channels) recordChannel({ ...channel, guild_id: id }, records);
  for (const thread of threads) recordThread({ ...thread, guild_id: id }, records);
}

function recordSelf(
  guild: string,
  { roles = [], communication_disabled_until = null }: Partial<APIGuildMember>,
  { guilds }: Records,
): void {
  const guildRecord = guilds.get(guild);
  if (guildRecord) guildRecord.own = { roles, communication_disabled_until };
}

function recordChannel({ id, guild_id, permission_overwrites = [] }: AnyChannel, { guilds, guildOf }: Records): void {
  const guildRecord = guilds.get(guild_id ?? "");
  if (guild_id === undefined || !guildRecord) return;
  const overwrites = permission_overwrites
    .map(({ id: whose, allow, deny }) => [whose, { allow: smallBits(allow), deny: smallBits(deny) }] as const)
    .filter(([, { allow, deny }]) => allow + deny > 0);
  guildOf.set(id, guild_id);
  guildRecord.channels.set(id, overwrites.length > 0 ? new Map(overwrites) : noOverwrites);
}

function recordThread({ id, guild_id, parent_id }: AnyChannel, { guilds, guildOf }: Records): void {
  const guildRecord = guilds.get(guild_id ?? "");
  if (guild_id === undefined || !guildRecord || !parent_id) return;
  guildOf.set(id, guild_id);
  guildRecord.threads.set(id, parent_id);
}

function forgetChannel(id: string, { guilds, guildOf }: Records): void {
  const guildRecord = guilds.get(guildOf.get(id) ?? "");
  guildRecord?.channels.delete(id);
  guildRecord?.threads.delete(id);
  guildOf.delete(id);
}

function forgetGuild(id: string, { guilds, guildOf }: Records): void {
  const guildRecord = guilds.get(id);
  guilds.delete(id);
  for (const channel of [...(guildRecord?.channels.keys() ?? []), ...(guildRecord?.threads.keys() ?? [])])
    guildOf.delete(channel);
}

function smallBits(permissions: string | undefined): number {
  const given = BigInt(permissions ?? 0);
  return kept.reduce((bits, permission, index) => ((given & permission) === 0n ? bits : bits | (1 << index)), 0);
}
