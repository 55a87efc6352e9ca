import type { APIChannel, APIGuildForumTag, APIThreadChannel } from "discord.js";
import { ChannelFlags } from "discord.js";
import { clip } from "../../../text/words.ts";
import { takesPosts } from "../may-post.ts";
import { messageKey } from "../reply-target.ts";
import { type DiscordApi, unlessClosed } from "../rest/api.ts";
import type { Destination } from "../rest/destination.ts";
import type { Outgoing } from "../rest/message.ts";
import { shows } from "./post.ts";

/** A message that is to be posted where every message begins a thread. */
export interface ForumPosting {
  readonly to: Destination;
  readonly channel: APIChannel;
  readonly message: Outgoing;
  /** The name of the post. */
  readonly name: string;
  /** A string by which the message is found again. */
  readonly mark: string;
}

/** Discord takes no longer name. */
const longestName = 100;

export function isForum({ type }: APIChannel): boolean {
  return takesPosts(type);
}

/** Posts there, or finds the post that an earlier try left; undefined where posts need a tag and there is none for the bot. */
export async function postInForum(
  posting: ForumPosting,
  repeated: boolean,
  api: DiscordApi,
): Promise<string | undefined> {
  const { to, channel, message, name } = posting;
  const earlier = repeated ? await findPost(posting, api) : undefined;
  if (earlier) return keyOf(earlier);
  const tags = tagsFor(channel);
  if (!tags) return undefined;
  const head = { name: clip(name, longestName), ...(tags.length > 0 ? { applied_tags: tags } : {}) };
  return keyOf(await api.startPost(to, message, head));
}

/** The first message of a post has the id of its thread. */
function keyOf({ id }: Pick<APIThreadChannel, "id">): string {
  return messageKey(id, id);
}

/** Where a tag is asked for, the first that is not for moderators alone. */
function tagsFor(channel: APIChannel): readonly string[] | undefined {
  const { flags = 0, available_tags = [] } = channel as {
    flags?: number;
    available_tags?: readonly APIGuildForumTag[];
  };
  if ((flags & ChannelFlags.RequireTag) === 0) return [];
  const free = available_tags.find(({ moderated }) => !moderated);
  return free && [free.id];
}

async function findPost({ to, mark }: ForumPosting, api: DiscordApi): Promise<APIThreadChannel | undefined> {
  const [{ id: self }, threads] = await Promise.all([api.me(), unlessClosed(api.activeThreads(to.guild ?? ""))]);
  const own = (threads ?? []).filter(({ parent_id, owner_id }) => parent_id === to.channel && owner_id === self);
  for (const thread of own) {
    const first = await unlessClosed(api.message({ channel: thread.id, guild: to.guild }, thread.id));
    if (first && shows(first, mark)) return thread;
  }
  return undefined;
}
