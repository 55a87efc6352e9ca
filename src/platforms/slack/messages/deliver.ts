import { type Delivered, type Delivery, DeliveryDelayed } from "../../../contract/delivery.ts";
import type { JobView } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { faultOf, retryAfterMs } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { fileKey, messageKey, readMessageKey, threadKey } from "../keys.ts";
import type { Content } from "./blocks.ts";
import { deliverBatch } from "./deliver-batch.ts";
import { erase, post, rewrite, rewriteUnlessLost } from "./post.ts";
import { agentThread, isDirect, type ReplyTarget, readReplyTarget, type Spot } from "./reply-target.ts";
import { jobContent, resultContent } from "./result.ts";
import { type Uploaded, uploadAll } from "./upload.ts";

const rememberMs = 24 * 60 * 60_000;

/**
 * Turns the waiting message into the result, or into the news that there is none. The last word is always an edit of
 * a message whose address is known, so repeating it never makes a second result: where there is no message to edit, one
 * that says "posting" is posted first and its address noted. Throws DeliveryDelayed.
 */
export async function deliver(slack: SlackContext, delivery: Delivery): Promise<Delivered> {
  const { job, replyTarget: json, batch } = delivery;
  const kept = readReplyTarget(json);
  if (kept.waiting) await slack.followers.leave(kept, kept.waiting);
  const target = await privately(slack, kept, job);
  try {
    const written = batch
      ? await deliverBatch(slack, delivery, target, batch)
      : await deliverAlone(slack, delivery, target);
    slack.home.changed(target.team, target.user);
    await showAtRest(slack, kept, job);
    return written;
  } catch (error) {
    const fault = faultOf(error);
    if (fault === "delayed") throw new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error);
    if (fault === "bug") throw error;
    if (fault !== "revoked" && !batch) await tryToTell(slack, target, job);
    if (fault !== "revoked") await showAtRest(slack, kept, job);
    return { route: "none" };
  }
}

async function deliverAlone(slack: SlackContext, { job, earlier }: Delivery, target: ReplyTarget): Promise<Delivered> {
  const { content, files } = await lastWord(slack, target, job);
  return deliveredAt(target, await showLast(slack, target, job, content, earlier), job, files);
}

/** Before the job is written down as delivered: a process that dies in between does both again. */
async function showAtRest(slack: SlackContext, target: ReplyTarget, { id }: JobView): Promise<void> {
  const session = agentThread(target);
  if (session) await slack.sessions.show(session, id);
}

/** A job that turned out to be private after it was announced in a channel goes to the member, and nothing stays there. */
async function privately(slack: SlackContext, target: ReplyTarget, job: JobView): Promise<ReplyTarget> {
  if (target.private || !job.request.private) return target;
  const { waiting, ...rest } = target;
  if (!waiting || isDirect(waiting.channel)) return { ...target, private: true };
  await erase(slack, target.team, waiting).catch((err: unknown) =>
    slack.context.log.warn({ job: job.id, err }, "Slack did not delete a waiting message"),
  );
  return { ...rest, private: true };
}

interface LastWord {
  readonly content: Content;
  readonly files: readonly Uploaded[];
}

async function lastWord(slack: SlackContext, { team }: ReplyTarget, job: JobView): Promise<LastWord> {
  const text = textFor(job.locale);
  if (job.images.length === 0) return { content: jobContent(job, text), files: [] };
  const files = await uploadAll(slack, team, job);
  return { content: resultContent(job, files, text), files };
}

async function showLast(
  slack: SlackContext,
  target: ReplyTarget,
  job: JobView,
  content: Content,
  earlier: string | undefined,
) {
  const { cache } = slack.context;
  const noted = `slack:spot:${job.id}`;
  const shownBefore = earlier === undefined ? undefined : readMessageKey(earlier)?.spot;
  const known = (await cache.get<Spot>(noted)) ?? shownBefore ?? target.waiting;
  if (known && (await rewriteUnlessLost(slack, target, known, content, job.locale))) return known;
  const posting = jobContent({ ...job, state: "delivering" }, textFor(job.locale));
  const fresh = await post(slack, target, posting, job.locale);
  await cache.set(noted, fresh, rememberMs);
  await rewrite(slack, target, fresh, content, job.locale);
  return fresh;
}

/** Says that a job was given up. Repeatable; throws what the Web API throws. */
export async function tellUndeliverable(
  slack: SlackContext,
  { job, replyTarget: json, earlier }: Delivery,
): Promise<void> {
  const kept = readReplyTarget(json);
  if (kept.waiting) await slack.followers.leave(kept, kept.waiting);
  const target = await privately(slack, kept, job);
  await showAtRest(slack, kept, job);
  await showLast(slack, target, job, jobContent({ ...job, state: "undeliverable" }, textFor(job.locale)), earlier);
}

/** As well as we can: words may be taken where images are not. */
async function tryToTell(slack: SlackContext, target: ReplyTarget, job: JobView): Promise<void> {
  const content = jobContent({ ...job, state: "undeliverable" }, textFor(job.locale));
  const ways = [
    target.waiting && (() => rewrite(slack, target, target.waiting as Spot, content, job.locale)),
    () => post(slack, target, content, job.locale),
  ];
  for (const way of ways) {
    if (!way) continue;
    try {
      return void (await way());
    } catch (err) {
      slack.context.log.warn({ job: job.id, err }, "Slack did not take the news that a job cannot be delivered");
    }
  }
}

function deliveredAt(target: ReplyTarget, spot: Spot, { images }: JobView, files: readonly Uploaded[]): Delivered {
  const message = messageKey(target.team, spot);
  const isThere = target.thread !== undefined && spot.channel === target.channel;
  const thread = isThere ? [threadKey(target.team, spot.channel, target.thread)] : [];
  const ofStep = target.step ? files.map(({ id }) => fileKey(target.team, id)) : [];
  const found = images.length > 0 ? { message, messages: [message, ...thread, ...ofStep] } : { message };
  if (target.private) return { route: "private", ...found };
  return { route: isDirect(spot.channel) && target.channel !== spot.channel ? "direct" : "channel", ...found };
}
