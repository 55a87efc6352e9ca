import { textFor } from "../../text/text.ts";
import type { JobView } from "../../usecases/usecases.ts";
import { type Delivered, type Delivery, DeliveryDelayed } from "../platform.ts";
import type { Content } from "./blocks.ts";
import { post, rewrite } from "./client.ts";
import { type Fault, faultOf, retryAfterMs } from "./faults.ts";
import type { Parts } from "./parts.ts";
import { messageKey, type Place, readPlace, type Spot } from "./place.ts";
import { jobContent, resultContent } from "./result.ts";
import { uploadImage } from "./upload.ts";

const rememberMs = 24 * 60 * 60_000;

/**
 * Turns the waiting message into the result, or into the news that there is none. The last word is always an edit of
 * a message whose address is known, so repeating it never makes a second result: where there is no message to edit, one
 * that says "posting" is posted first and its address noted. Throws DeliveryDelayed.
 */
export async function deliver(parts: Parts, { job, place: json }: Delivery): Promise<Delivered> {
  const place = readPlace(json);
  if (place.waiting) await parts.followers.leave(place.waiting);
  try {
    return deliveredAt(place, await showLast(parts, place, job, await lastWord(parts, job)));
  } catch (error) {
    const fault = faultOf(error);
    if (fault === "delayed") throw new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error);
    if (fault === "bug") throw error;
    await sayNowhere(parts, place, job);
    return { route: "none" };
  }
}

async function lastWord(parts: Parts, job: JobView): Promise<Content> {
  const text = textFor(job.locale);
  if (job.images.length === 0) return jobContent(job, text);
  const files = job.images.map((image, index) => uploadImage(parts, image, `${job.id}-${index + 1}`));
  return resultContent(job, await Promise.all(files), text);
}

/** Someone may have deleted the waiting message, archived its channel, or removed the app from it. */
const lost: readonly Fault[] = ["message-gone", "elsewhere"];

async function showLast(parts: Parts, place: Place, job: JobView, content: Content): Promise<Spot> {
  const { client, context } = parts;
  const noted = `slack:spot:${job.id}`;
  const known = (await context.cache.get<Spot>(noted)) ?? place.waiting;
  if (known && (await rewriteUnlessLost(parts, place, known, content, job.locale))) return known;
  const posting = jobContent({ ...job, state: "delivering" }, textFor(job.locale));
  const fresh = await post(client, place, posting, job.locale);
  await context.cache.set(noted, fresh, rememberMs);
  await rewrite(client, place, fresh, content, job.locale);
  return fresh;
}

async function rewriteUnlessLost({ client }: Parts, place: Place, spot: Spot, content: Content, locale: string) {
  try {
    await rewrite(client, place, spot, content, locale);
    return true;
  } catch (error) {
    if (lost.includes(faultOf(error))) return false;
    throw error;
  }
}

/** As well as we can: the member reads in the waiting message that the images are kept. */
async function sayNowhere({ client, context }: Parts, place: Place, job: JobView): Promise<void> {
  if (!place.waiting) return;
  const content = jobContent({ ...job, state: "undeliverable" }, textFor(job.locale));
  await rewrite(client, place, place.waiting, content, job.locale).catch((err: unknown) =>
    context.log.warn({ job: job.id, err }, "Slack did not take the news that a job cannot be delivered"),
  );
}

function deliveredAt(place: Place, spot: Spot): Delivered {
  const message = messageKey(spot);
  if (place.private) return { route: "private", message };
  return { route: spot.channel.startsWith("D") ? "direct" : "channel", message };
}
