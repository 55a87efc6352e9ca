import { type Delivered, type Delivery, DeliveryDelayed } from "../../../contract/delivery.ts";
import type { JobView } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { type Fault, faultOf, retryAfterMs } from "../api/faults.ts";
import type { Parts } from "../context.ts";
import { messageKey, readMessageKey, threadKey } from "../keys.ts";
import type { Content } from "./blocks.ts";
import { isDirect, type Place, readPlace, type Spot } from "./place.ts";
import { erase, post, rewrite } from "./post.ts";
import { jobContent, resultContent } from "./result.ts";
import { uploadAll } from "./upload.ts";

const rememberMs = 24 * 60 * 60_000;

/**
 * Turns the waiting message into the result, or into the news that there is none. The last word is always an edit of
 * a message whose address is known, so repeating it never makes a second result: where there is no message to edit, one
 * that says "posting" is posted first and its address noted. Throws DeliveryDelayed.
 */
export async function deliver(parts: Parts, { job, place: json, earlier }: Delivery): Promise<Delivered> {
  const asked = readPlace(json);
  if (asked.waiting) await parts.followers.leave(asked, asked.waiting);
  const place = await privately(parts, asked, job);
  try {
    const content = await lastWord(parts, place, job);
    const shown = await showLast(parts, place, job, content, earlier);
    parts.home.changed(place.team, place.user);
    return deliveredAt(place, shown, job);
  } catch (error) {
    const fault = faultOf(error);
    if (fault === "delayed") throw new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error);
    if (fault === "bug") throw error;
    if (fault !== "revoked") await sayNowhere(parts, place, job);
    return { route: "none" };
  }
}

/** What turned out to be private after it was announced in a channel goes to the member, and nothing stays there. */
async function privately(parts: Parts, place: Place, job: JobView): Promise<Place> {
  if (place.private || !job.request.private) return place;
  const { waiting, ...rest } = place;
  if (!waiting || isDirect(waiting.channel)) return { ...place, private: true };
  await erase(parts, place.team, waiting).catch((err: unknown) =>
    parts.context.log.warn({ job: job.id, err }, "Slack did not delete a waiting message"),
  );
  return { ...rest, private: true };
}

async function lastWord(parts: Parts, { team }: Place, job: JobView): Promise<Content> {
  const text = textFor(job.locale);
  if (job.images.length === 0) return jobContent(job, text);
  return resultContent(job, await uploadAll(parts, team, job), text);
}

/** Someone may have deleted the waiting message, archived its channel, or removed the app from it. */
const lost: readonly Fault[] = ["message-gone", "elsewhere"];

async function showLast(parts: Parts, place: Place, job: JobView, content: Content, earlier: string | undefined) {
  const { cache } = parts.context;
  const noted = `slack:spot:${job.id}`;
  const told = earlier === undefined ? undefined : readMessageKey(earlier)?.spot;
  const known = (await cache.get<Spot>(noted)) ?? told ?? place.waiting;
  if (known && (await rewriteUnlessLost(parts, place, known, content, job.locale))) return known;
  const posting = jobContent({ ...job, state: "delivering" }, textFor(job.locale));
  const fresh = await post(parts, place, posting, job.locale);
  await cache.set(noted, fresh, rememberMs);
  await rewrite(parts, place, fresh, content, job.locale);
  return fresh;
}

async function rewriteUnlessLost(parts: Parts, place: Place, spot: Spot, content: Content, locale: string) {
  try {
    await rewrite(parts, place, spot, content, locale);
    return true;
  } catch (error) {
    if (lost.includes(faultOf(error))) return false;
    throw error;
  }
}

/** As well as we can: the member reads in the waiting message that the images are kept. */
async function sayNowhere(parts: Parts, place: Place, job: JobView): Promise<void> {
  if (!place.waiting) return;
  const content = jobContent({ ...job, state: "undeliverable" }, textFor(job.locale));
  await rewrite(parts, place, place.waiting, content, job.locale).catch((err: unknown) =>
    parts.context.log.warn({ job: job.id, err }, "Slack did not take the news that a job cannot be delivered"),
  );
}

function deliveredAt(place: Place, spot: Spot, { images }: JobView): Delivered {
  const message = messageKey(place.team, spot);
  const isThere = place.thread !== undefined && spot.channel === place.channel;
  const thread = isThere ? [threadKey(place.team, spot.channel, place.thread)] : [];
  const found = images.length > 0 ? { message, messages: [message, ...thread] } : { message };
  if (place.private) return { route: "private", ...found };
  return { route: isDirect(spot.channel) && place.channel !== spot.channel ? "direct" : "channel", ...found };
}
