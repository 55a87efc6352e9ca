import { createHash } from "node:crypto";
import type { APIMessage } from "discord.js";
import { messageKey } from "../reply-target.ts";
import { type DiscordApi, unlessClosed } from "../rest/api.ts";
import type { Destination } from "../rest/destination.ts";
import { DiscordFailure } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import { lessThan, type UploadLimits, uploadLimits } from "./limits.ts";
import type { FittedImage } from "./pack.ts";
import { bytesOf, firstPack, numbered } from "./pack.ts";
import { imagesShownIn, imagesWithButtons, renderResult } from "./result.ts";
import { partOf, type Sending } from "./sending.ts";

/** The destination of images: new messages of a channel, the first of them in reply to one; or `into` one that is there already. */
export interface PostTarget {
  readonly to: Destination;
  readonly replyTo?: string | undefined;
  readonly into?: string | undefined;
}

/**
 * Posts a job's images, in several messages where they do not fit into one. What an earlier try posted is found by the
 * names of its files and not posted again: Discord's nonce covers a few minutes, its history the time after that (where
 * the bot may read it).
 */
export async function postAll(at: PostTarget, sending: Sending): Promise<APIMessage[]> {
  const { place: target, context, delivery } = sending;
  const { job } = delivery;
  const posted = await postedEarlier(at, sending);
  const shown = new Set(posted.flatMap((message) => imagesShownIn(message, job.id)));
  let rest = numbered(job.images).filter(({ index }) => !shown.has(index));
  let limits = await uploadLimits(target, context.cache);
  while (rest.length > 0) {
    const images = await firstPack(rest, imagesWithButtons, limits, context);
    const sent = await tryPost(images, at, sending);
    if (sent) {
      posted.push(sent);
      rest = rest.slice(images.length);
    } else limits = await smaller(images, limits, sending);
  }
  if (posted.length === 0) throw new TypeError(`job ${job.id} is delivered without images`);
  return posted;
}

/** Undefined when Discord finds it too large. */
async function tryPost(
  images: readonly FittedImage[],
  at: PostTarget,
  sending: Sending,
): Promise<APIMessage | undefined> {
  try {
    return await postPart(images, at, sending);
  } catch (error) {
    if (error instanceof DiscordFailure && error.kind === "too-large") return undefined;
    throw error;
  }
}

/** Fewer files in a message first, then smaller ones; an image that Discord takes at no size ends the way that was tried. */
async function smaller(images: readonly FittedImage[], limits: UploadLimits, { place: target, context }: Sending) {
  if (images.length > 1) return { ...limits, request: bytesOf(images) / 2 };
  const next = await lessThan(Math.min(limits.file, bytesOf(images)), target, context.cache);
  if (!next) throw new DiscordFailure("closed", "Discord takes the image at no size", { status: 413 });
  return next;
}

async function postPart(images: readonly FittedImage[], at: PostTarget, sending: Sending): Promise<APIMessage> {
  const { delivery, place: target, api, text } = sending;
  const { job, nonce } = delivery;
  const part = partOf(images, sending);
  const message = renderResult(job, target.user, part, text);
  const { to, replyTo, into } = at;
  if (into && part.first) return api.edit(to, into, message);
  const first = images[0]?.index ?? 0;
  return api.post(to, message, { nonce: nonceOf(nonce, first), replyTo: part.first ? replyTo : undefined });
}

/** Not the message that images go into: that is written again, which leaves the same. */
async function postedEarlier({ to, into }: PostTarget, { delivery, api }: Sending): Promise<APIMessage[]> {
  if (!delivery.repeated) return [];
  const own = await ownMessages(to, api);
  const found = own.filter(
    ({ id, ...message }) => id !== into && imagesShownIn({ id, ...message }, delivery.job.id).length,
  );
  return found.reverse();
}

/** The bot's own among the last messages, newest first. */
async function ownMessages(at: Destination, api: DiscordApi): Promise<APIMessage[]> {
  const messages = await unlessClosed(api.recent(at)); // to write there may still be allowed
  if (!messages?.length) return [];
  const { id } = await api.me();
  return messages.filter(({ author }) => author.id === id);
}

/** The bot's own message among the last ones that shows images of a job. */
export async function findShowing(at: Destination, job: string, api: DiscordApi): Promise<APIMessage | undefined> {
  return (await ownMessages(at, api)).find((message) => imagesShownIn(message, job).length > 0);
}

export interface Posting {
  readonly to: Destination;
  readonly message: Outgoing;
  /** The custom id of one of its buttons, which no other message has. */
  readonly mark: string;
  readonly nonce: string;
}

/** Posts a message without images, or finds the one that an earlier try left there. */
export async function postOnce({ to, message, mark, nonce }: Posting, repeated: boolean, api: DiscordApi) {
  const own = repeated ? await ownMessages(to, api) : [];
  return own.find((earlier) => shows(earlier, mark)) ?? api.post(to, message, { nonce });
}

/** Does a message hold that string in one of its parts? */
export function shows({ components }: Pick<APIMessage, "components">, mark: string): boolean {
  return JSON.stringify(components ?? []).includes(JSON.stringify(mark));
}

/** Makes the key of a message, as in `Delivered.message`. */
export function reference({ id, channel_id }: APIMessage): string {
  return messageKey(channel_id, id);
}

/** A nonce of its own for each part, the same at each try; Discord takes 25 characters. */
function nonceOf(nonce: string, first: number): string {
  if (first === 0) return nonce;
  return createHash("sha256").update(`${nonce}:${first}`).digest("base64url").slice(0, 25);
}
