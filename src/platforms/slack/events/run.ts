import type { AnyCommand } from "../../../command/command.ts";
import type { Reply } from "../../../command/reply.ts";
import {
  type AsWritten,
  type BatchView,
  isFinal,
  type JobView,
  type SubmitOptions,
} from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import { type Fault, faultOf } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { messageKey, threadKey } from "../keys.ts";
import { batchCard } from "../messages/batch-content.ts";
import { type Content, escaped, headline, note } from "../messages/blocks.ts";
import { asideMs, erase, post, rewrite } from "../messages/post.ts";
import { tellAlone } from "../messages/private-answer.ts";
import { showReply } from "../messages/replies.ts";
import {
  agentThread,
  isDirect,
  type ReplyTarget,
  readReplyTarget,
  type Spot,
  writeReplyTarget,
} from "../messages/reply-target.ts";
import { jobContent } from "../messages/result.ts";
import { withReason } from "./refusal-reason.ts";

const rememberMs = 24 * 60 * 60_000;

interface RunOptions {
  /** The member saw the price before. */
  readonly confirmed?: boolean;
  /** The member's sentence before options were taken out of it. */
  readonly asWritten?: AsWritten | undefined;
  /** Words of it that Slack told in the place of its markup. */
  readonly plainWords?: readonly string[] | undefined;
}

/**
 * Runs a command and shows what it answers. A job's waiting message is posted before the job exists, so that its
 * address is kept with the job and survives any restart; when the job is refused after that, it is taken away again.
 */
export async function runCommand(
  slack: SlackContext,
  command: AnyCommand,
  answers: Record<string, unknown>,
  event: SlackEvent,
  { confirmed = false, ...words }: RunOptions = {},
): Promise<void> {
  const text = textFor(event.locale);
  const { team, user, channel, thread } = event;
  let target: ReplyTarget = { team, user, channel, thread, private: false };
  const caller = callerOf(event, target);
  const announce: SubmitOptions["announce"] = async ({ private: hidden, replyTarget }) => {
    target = { ...readReplyTarget(replyTarget), private: hidden };
    target = { ...target, waiting: await announced(slack, target, event) };
    return writeReplyTarget(target);
  };
  const { usecases } = slack.context;
  let reply: Reply;
  try {
    reply = await command.run({ answers, ...words, caller, usecases, text, submission: { confirmed, announce } });
  } catch (error) {
    if (target.waiting) await eraseOrWarn(slack, team, target.waiting);
    throw await withReason(slack, team, error);
  }
  if (reply.kind === "job") {
    await slack.context.cache.set(startedKey(event), reply.job.id, rememberMs);
    await showJob(slack, event, target, reply.job);
  } else if (reply.kind === "batch" && (target.waiting || reply.batch.parts.some(({ state }) => !isFinal(state)))) {
    await slack.context.cache.set(startedKey(event), reply.batch.id, rememberMs);
    await showBatch(slack, event, target, reply.batch);
  } else await showReply(slack, event, reply);
  slack.home.changed(team, user);
  const session = agentThread(event);
  if (session) await slack.sessions.show(session);
}

/** Was a job made of this message in the last day? A changed wording of it makes none. */
export async function hasStarted({ context }: SlackContext, event: SlackEvent): Promise<boolean> {
  return (await context.cache.get(startedKey(event))) !== undefined;
}

const startedKey = ({ inbound }: SlackEvent) => `slack:started:${inbound}`;

/** Shows in this message how the job stands, now and at each change. */
export function followIn(slack: SlackContext, job: string, target: ReplyTarget, spot: Spot, locale: string): void {
  const { world } = slack.context;
  const show = (view: JobView) =>
    rewrite(slack, target, spot, jobContent(view, textFor(locale), world.now()), locale, asideMs);
  slack.followers.follow(job, target, spot, show);
}

/** The result could not be posted either: nothing is made that nobody would see. */
const unreachable: readonly Fault[] = ["elsewhere", "nowhere", "revoked"];

/**
 * Posts a waiting message that tells nothing of the job. Undefined when Slack does not take it for now: the job goes on
 * without, and its result is posted anew. Throws Refusal `nowhere-to-post`.
 */
async function announced(slack: SlackContext, target: ReplyTarget, event: SlackEvent): Promise<Spot | undefined> {
  const { waiting } = textFor(event.locale).slack;
  const content: Content = {
    text: escaped(`${event.name}: ${waiting}`),
    blocks: [headline(event.name, undefined), note(waiting)],
  };
  return post(slack, target, content, event.locale).catch((err: unknown) => {
    if (unreachable.includes(faultOf(err))) throw new Refusal("nowhere-to-post", {});
    slack.context.log.warn({ inbound: event.inbound, err }, "Slack did not take a waiting message");
    return undefined;
  });
}

async function showJob(slack: SlackContext, event: SlackEvent, target: ReplyTarget, job: JobView): Promise<void> {
  const { team, waiting } = target;
  const text = textFor(event.locale);
  await noteThread(slack, target, job);
  const kept = keptSpot(job);
  if (kept && (kept.channel !== waiting?.channel || kept.ts !== waiting.ts)) {
    if (waiting) await eraseOrWarn(slack, team, waiting);
    return;
  }
  if (!waiting) return tellAlone(slack, event, text.job(job, slack.context.world.now()));
  if (job.request.private && !isDirect(waiting.channel)) {
    await eraseOrWarn(slack, team, waiting);
    const awaits = job.state === "awaiting";
    return tellAlone(
      slack,
      event,
      awaits ? text.job(job) : { title: text.slack.private, tone: "plain", paragraphs: [] },
    );
  }
  followIn(slack, job.id, target, waiting, event.locale);
}

/** From here on, each part that is posted writes the message anew. */
async function showBatch(slack: SlackContext, event: SlackEvent, target: ReplyTarget, view: BatchView): Promise<void> {
  const { team, waiting } = target;
  const text = textFor(event.locale);
  await noteThread(slack, target, view.parts[0]);
  const kept = keptSpot(view.parts[0]);
  const isAnother = kept && (kept.channel !== waiting?.channel || kept.ts !== waiting.ts);
  if (isAnother && waiting) await eraseOrWarn(slack, team, waiting);
  if (!waiting && !kept) return tellAlone(slack, event, text.batches.card(view));
  if (isAnother || !waiting) return;
  const hidden = view.parts[0].request.private && !isDirect(waiting.channel);
  if (hidden) {
    await eraseOrWarn(slack, team, waiting);
    return tellAlone(slack, event, { title: text.slack.private, tone: "plain", paragraphs: [] });
  }
  const caller = callerOf(event, target);
  const now = await slack.context.usecases.batches.view(view.id, caller);
  if (now.parts.some(({ state }) => state === "delivered")) return; // the last word is the delivery's
  await rewrite(slack, target, waiting, batchCard(now, text), event.locale, asideMs).catch((err: unknown) => {
    slack.context.log.warn({ batch: view.id, err }, "a waiting message in Slack is not up to date");
  });
}

/** Who writes again below a thread means what was asked for there last. */
async function noteThread(
  { context }: SlackContext,
  { team, channel, thread }: ReplyTarget,
  { id }: JobView,
): Promise<void> {
  if (channel === undefined || thread === undefined) return;
  await context.cache.set(threadKey(team, channel, thread), id, rememberMs);
}

/** The announcement that is kept with the job counts: an event that came twice may have announced one job twice, or not at all. */
function keptSpot({ replyTarget }: JobView): Spot | undefined {
  return replyTarget === undefined ? undefined : readReplyTarget(replyTarget).waiting;
}

async function eraseOrWarn(slack: SlackContext, team: string, spot: Spot): Promise<void> {
  await erase(slack, team, spot).catch((err: unknown) => {
    slack.context.log.warn({ spot: messageKey(team, spot), err }, "Slack did not delete a waiting message");
  });
}
