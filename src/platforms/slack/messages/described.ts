import type { Reply } from "../../../command/reply.ts";
import type { Caller, JobView } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { readMessageKey } from "../keys.ts";
import { batchContent } from "./batch-content.ts";
import type { Content } from "./blocks.ts";
import { uploadParts } from "./deliver-batch.ts";
import { rewriteUnlessLost } from "./post.ts";
import { tellAlone } from "./private-answer.ts";
import { readReplyTarget } from "./reply-target.ts";
import { resultContent } from "./result.ts";
import { uploadAll } from "./upload.ts";

/** Writes messages anew whose images have other alt texts, and says so to the member alone. */
export async function showDescribed(
  slack: SlackContext,
  event: SlackEvent,
  { card, images }: Extract<Reply, { kind: "described" }>,
): Promise<void> {
  const { team, user, locale } = event;
  const caller = callerOf(event, { team, user, private: true });
  let isShown = false;
  for (const job of images.jobs) if (await showAnew(slack, job, caller)) isShown = true;
  await tellAlone(slack, event, isShown ? card : textFor(locale).cards.describedLater());
}

/** False where none of its messages is there any more. */
async function showAnew(slack: SlackContext, job: JobView, caller: Caller): Promise<boolean> {
  const keys = await slack.context.usecases.messagesOf(job.id, caller);
  const messages = keys.map(readMessageKey).filter((message) => message !== undefined);
  if (messages.length === 0 || job.replyTarget === undefined) return false;
  const target = readReplyTarget(job.replyTarget);
  const content = await contentOf(slack, job, caller);
  let isShown = false;
  for (const { team, spot } of messages) {
    if (team === target.team && (await rewriteUnlessLost(slack, target, spot, content, job.locale))) isShown = true;
  }
  return isShown;
}

/** Slack has the files already: it is not sent again what it still knows. */
async function contentOf(slack: SlackContext, job: JobView, caller: Caller): Promise<Content> {
  const { team } = readReplyTarget(job.replyTarget ?? "");
  const text = textFor(job.locale);
  if (!job.batch) return resultContent(job, await uploadAll(slack, team, job), text);
  const view = await slack.context.usecases.batches.view(job.id, caller);
  return batchContent(view, await uploadParts(slack, team, view, text), text);
}
