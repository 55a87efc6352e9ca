import { textFor } from "../../../text/text.ts";
import { type Fault, faultOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { type Content, note, under } from "./blocks.ts";
import { inBlocksThatAreKnown } from "./known-blocks.ts";
import { agentThread, isDirect, isElsewhere, type ReplyTarget, type Spot } from "./reply-target.ts";

type Posting = Pick<SlackContext, "workspaces" | "context">;

/**
 * Posts where it was asked, joining a public channel for that; to the member directly when it is private, or when the app
 * cannot be in there. Throws what the Web API throws; then nothing was posted, or nobody knows.
 */
export async function post(parts: Posting, target: ReplyTarget, content: Content, locale: string): Promise<Spot> {
  const { channel, team, user, thread } = target;
  if (channel === undefined || (target.private && !agentThread(target))) {
    return send(parts, team, user, undefined, content);
  }
  try {
    return await send(parts, team, channel, thread, content);
  } catch (error) {
    if (faultOf(error) !== "elsewhere") throw error;
  }
  if (mayJoin(target) && (await join(parts, team, channel))) {
    const joined = await send(parts, team, channel, thread, content).catch((error: unknown) => {
      if (faultOf(error) !== "elsewhere") throw error;
    });
    if (joined) return joined;
  }
  return send(parts, team, user, undefined, withInvitation(target, user, content, locale));
}

/** A message that is not the last word waits for its turn not at all. */
export const asideMs = 0;
const lastWordMs = 30_000;

/** Gives a message that `post` made another content; may be repeated. */
export async function rewrite(
  parts: Posting,
  target: ReplyTarget,
  spot: Spot,
  content: Content,
  locale: string,
  patienceMs: number = lastWordMs,
): Promise<void> {
  const order = `${spot.channel}:${spot.ts}`;
  await inBlocksThatAreKnown(parts, target.team, withInvitation(target, spot.channel, content, locale), (shown) =>
    parts.workspaces.call(target.team, { method: "chat.update", order, patienceMs }, (client) =>
      client.chat.update({ ...spot, ...shown }),
    ),
  );
}

/** Someone may have deleted the waiting message, archived its channel, or removed the app from it. */
const lost: readonly Fault[] = ["message-gone", "elsewhere"];

/** The same; false when the message is not there any more, or the app is not. */
export async function rewriteUnlessLost(
  parts: Posting,
  target: ReplyTarget,
  spot: Spot,
  content: Content,
  locale: string,
) {
  try {
    await rewrite(parts, target, spot, content, locale);
    return true;
  } catch (error) {
    if (lost.includes(faultOf(error))) return false;
    throw error;
  }
}

/** Deletes a message of ours; one that is not there is deleted already. */
export async function erase({ workspaces }: Posting, team: string, spot: Spot): Promise<void> {
  try {
    await workspaces.call(team, { method: "chat.delete" }, (client) => client.chat.delete(spot));
  } catch (error) {
    if (faultOf(error) !== "message-gone") throw error;
  }
}

/** Posts to a conversation, or directly to a member; asked of Slack once. */
export async function send(
  parts: Posting,
  team: string,
  channel: string,
  thread: string | undefined,
  content: Content,
): Promise<Spot> {
  const unfurling = { unfurl_links: false, unfurl_media: false };
  const there = thread === undefined ? {} : { thread_ts: thread };
  const how = { method: "chat.postMessage", channel, order: channel };
  const posted = await inBlocksThatAreKnown(parts, team, content, (shown) =>
    parts.workspaces.call(team, how, (client) =>
      client.chat.postMessage({ channel, ...shown, ...unfurling, ...there }),
    ),
  );
  return { channel: posted.channel ?? channel, ts: posted.ts ?? "" };
}

/** Whoever removed the app after it had posted there does not want it back. */
function mayJoin({ channel, waiting }: ReplyTarget): boolean {
  return waiting?.channel !== channel;
}

/** Joins a public channel; false when it is none, or Slack does not let the app in. */
export async function join({ workspaces, context }: Posting, team: string, channel: string): Promise<boolean> {
  if (isDirect(channel)) return false;
  try {
    await workspaces.call(team, { method: "conversations.join" }, (client) => client.conversations.join({ channel }));
    return true;
  } catch (err) {
    context.log.info({ team, channel, err }, "Slack does not let the app join a channel");
    return false;
  }
}

function withInvitation(target: ReplyTarget, channel: string, content: Content, locale: string): Content {
  if (!isElsewhere(target, channel)) return content;
  const { notThere, notBetweenYou } = textFor(locale).slack;
  const why = isDirect(target.channel ?? "") ? notBetweenYou : notThere(`<#${target.channel}>`);
  return under(note(why), content);
}
