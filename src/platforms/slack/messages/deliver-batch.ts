import type { BatchDelivery, Delivered, Delivery } from "../../../contract/delivery.ts";
import type { BatchView, JobView } from "../../../contract/usecases.ts";
import { type Text, textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { messageKey, readMessageKey, threadKey } from "../keys.ts";
import { batchCard, batchContent, shownImages, type UploadedPart } from "./batch-content.ts";
import { post, rewrite, rewriteUnlessLost } from "./post.ts";
import { isDirect, type ReplyTarget, type Spot } from "./reply-target.ts";
import { uploadImage } from "./upload.ts";

const rememberMs = 24 * 60 * 60_000;

/** Writes the one message of a batch anew, with all that has come of it; where that message is gone, another one. */
export async function deliverBatch(
  slack: SlackContext,
  { job }: Delivery,
  target: ReplyTarget,
  { view, posted }: BatchDelivery,
): Promise<Delivered> {
  const { cache } = slack.context;
  const text = textFor(job.locale);
  const content = batchContent(view, await uploadParts(slack, target.team, view, text), text);
  const noted = `slack:spot:${view.id}`;
  const before = posted.at(-1)?.message;
  const known = (await cache.get<Spot>(noted)) ?? (before && readMessageKey(before)?.spot) ?? target.waiting;
  if (known && (await rewriteUnlessLost(slack, target, known, content, job.locale))) {
    return deliveredAt(target, known, job);
  }
  const fresh = await post(slack, target, batchCard(view, text), job.locale);
  await cache.set(noted, fresh, rememberMs);
  await rewrite(slack, target, fresh, content, job.locale);
  return { ...deliveredAt(target, fresh, job), moved: posted.flatMap(({ parts }) => parts) };
}

/** Uploads what is to be shown; what an earlier try uploaded is used again. */
export function uploadParts(slack: SlackContext, team: string, view: BatchView, text: Text): Promise<UploadedPart[]> {
  const uploads = shownImages(view).flatMap((part) => {
    const image = part.job.images[part.index];
    const file = { name: `${part.job.id}-${part.index + 1}`, alt: text.result.altText(part.job, 1000, image) };
    return image ? [uploadImage(slack, team, image, file).then((uploaded) => ({ ...part, file: uploaded }))] : [];
  });
  return Promise.all(uploads);
}

function deliveredAt(target: ReplyTarget, spot: Spot, { images }: JobView): Delivered {
  const message = messageKey(target.team, spot);
  const isThere = target.thread !== undefined && spot.channel === target.channel;
  const thread = isThere ? [threadKey(target.team, spot.channel, target.thread ?? "")] : [];
  const found = images.length > 0 ? { message, messages: [message, ...thread] } : { message };
  if (target.private) return { route: "private", ...found };
  return { route: isDirect(spot.channel) && target.channel !== spot.channel ? "direct" : "channel", ...found };
}
