import type { Context } from "../context.ts";
import type { Alert } from "../contract/alerts.ts";
import type { ChannelContent, ChannelPosted } from "../contract/channel-messages.ts";
import { DeliveryDelayed } from "../contract/delivery.ts";
import { expiredApprovals } from "../jobs/approvals.ts";
import {
  type ChannelMessageEnd,
  claimChannelMessages,
  endChannelMessage,
  lastClosed,
} from "../jobs/channel-messages.ts";
import type { Claim } from "../jobs/claim.ts";
import { findJob } from "../jobs/queue.ts";
import { endApproval } from "../settlement/end-approval.ts";
import type { ChannelMessageRow } from "../store/approval-tables.ts";
import { approvalOf } from "../views/approval-view.ts";
import { digestOf, type Week } from "./digest.ts";
import { withPlot } from "./plot.ts";

/** After so many tries that ended by a bug, a message is given up. */
const maxTries = 10;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;
const expiredAtOnce = 20;

/** Ends approvals that nobody gave in time, then takes messages that are due in channels of these platforms. */
export async function claimMessages(
  context: Context,
  claim: Claim,
  platforms: readonly string[],
): Promise<ChannelMessageRow[]> {
  const { db } = context.database;
  for (const id of await expiredApprovals(db, context.world.now(), expiredAtOnce)) {
    const job = await findJob(db, id);
    if (job) await endApproval(context, job, { decision: "expired" });
  }
  return claimChannelMessages(context.database, claim, platforms);
}

/** Posts a message into its channel, or edits the one that is there; what it tells is looked up at this moment. */
export async function postMessage(context: Context, row: ChannelMessageRow): Promise<void> {
  const end = await tryOnce(context, row);
  if (!(await endChannelMessage(context.database.db, row, end)) || !("closed" in end)) return;
  const { id, platform, tenant, channel, kind } = row;
  if ((await lastClosed(context.database.db, { tenant, channel, but: id })) !== undefined) return; // said before
  context.log.warn({ platform, tenant, channel, kind, why: end.closed }, "a channel is closed to the bot");
}

async function tryOnce(context: Context, row: ChannelMessageRow): Promise<ChannelMessageEnd> {
  const content = await contentOf(context, row);
  const earlier = row.message || undefined;
  // What was decided before it was asked is asked nobody any more; a try before this one may have asked it.
  if (!content || (!earlier && row.tries <= 1 && isOver(content))) return { message: row.message ?? "" };
  try {
    return await post(context, row, content);
  } catch (error) {
    const now = context.world.now();
    if (error instanceof DeliveryDelayed) return { dueAt: now + error.retryAfterMs };
    const { platform, tenant, channel, tries } = row;
    context.log.error({ platform, tenant, channel, tries, err: error }, "a message was not posted in a channel");
    return tries >= maxTries ? { closed: "failed" } : { dueAt: now + pauseAfter(tries) };
  }
}

async function post(context: Context, row: ChannelMessageRow, content: ChannelContent): Promise<ChannelPosted> {
  const { id, tenant, channel, locale, message, shown, tries } = row;
  const poster = context.platform(row.platform);
  if (!poster?.postToChannel) return { closed: "gone" };
  const postToChannel = poster.postToChannel.bind(poster);
  return withPlot(context, content, (drawn) =>
    postToChannel({
      ...{ id, tenant, channel, locale, content: drawn },
      earlier: message || undefined,
      repeated: shown === 0 && tries > 1,
    }),
  );
}

/** Undefined when there is nothing to tell any more. */
async function contentOf(context: Context, row: ChannelMessageRow): Promise<ChannelContent | undefined> {
  const { kind, subject } = row;
  if (kind === "welcome") return { kind };
  if (kind === "alert") return { kind, alert: JSON.parse(row.facts) as Alert };
  if (kind === "digest") {
    const week = JSON.parse(row.facts) as Pick<Week, "since" | "until">;
    const digest = await digestOf(context, { ...week, tenant: subject === "" ? undefined : subject });
    return digest && { kind, digest };
  }
  if (kind !== "approval") return undefined; // of a later version
  const approval = await approvalOf(context, subject);
  return approval && { kind: "approval", approval };
}

function isOver(content: ChannelContent): boolean {
  return content.kind === "approval" && content.approval.decision !== undefined;
}

const pauseAfter = (tries: number) => Math.min(longestPauseMs, firstPauseMs * 2 ** tries);
