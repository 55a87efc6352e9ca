import type { APIMessage } from "discord.js";
import type { BatchDelivery, Delivered, PostedParts } from "../../../contract/delivery.ts";
import { isFinal } from "../../../contract/usecases.ts";
import { renderCard } from "../cards.ts";
import { readMessageKey } from "../reply-target.ts";
import type { Destination } from "../rest/destination.ts";
import { DiscordFailure, errorFacts } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import { type BatchImage, bytesOf, fitParts, mostImages, renderBatch } from "./batch-message.ts";
import { lessThan, type UploadLimits, uploadLimits } from "./limits.ts";
import { findShowing, reference } from "./post.ts";
import { firstOpen, newsInDirectMessage, notice, type Route } from "./routes.ts";
import type { Sending } from "./sending.ts";

interface BatchSending extends Sending {
  readonly batch: BatchDelivery;
}

/** Posts a part of a batch: into its last message while there is room, else into a new one. Repeatable. */
export async function deliverPart(sending: BatchSending): Promise<Delivered> {
  const { delivery, batch } = sending;
  const delivered = delivery.job.images.length > 0 ? await showPart(sending) : await tellPart(sending);
  await closeAcknowledgement(sending, delivered, batch);
  return delivered;
}

async function showPart(sending: BatchSending): Promise<Delivered> {
  const { delivery, batch } = sending;
  const last = batch.posted.at(-1);
  const added = last && (await intoMessage(sending, last, [...last.parts, delivery.job.id]));
  if (added === "shown" && last) {
    if (last !== batch.posted[0]) await refreshFirst(sending);
    return { route: last.route, message: last.message, messages: [last.message] };
  }
  const lost = added === "gone" && last ? last.parts : [];
  const isFirst = last === undefined || (added === "gone" && last === batch.posted[0]);
  const fresh = await inNewMessage(sending, [...lost, delivery.job.id], isFirst);
  if (lost.length === 0 && batch.posted.length > 0) await refreshFirst(sending);
  return { ...fresh, moved: lost };
}

/** A part without images: its news stands in the message of the batch, or is given once nothing else comes. */
async function tellPart(sending: BatchSending): Promise<Delivered> {
  const { batch, delivery, text, acknowledgement, place } = sending;
  const [first] = batch.posted;
  if (first) {
    const shown = await intoMessage(sending, first, first.parts);
    return { route: first.route, ...(shown === "shown" ? { message: first.message } : {}) };
  }
  const isOver = batch.view.parts.every(({ state }) => isFinal(state));
  if (!isOver || delivery.job.state === "cancelled") return { route: "private" };
  const card = renderCard(text.batches.card(batch.view));
  const edited = await acknowledgement.edit(card);
  if (edited) return { route: place.answer ? "channel" : "private", message: reference(edited) };
  const news = await firstOpen([newsInDirectMessage(card)], sending);
  if (news.route !== "none") return news;
  await notice(sending, false);
  return news;
}

/** The list of all parts stands in the first message. */
async function refreshFirst(sending: BatchSending): Promise<void> {
  const [first] = sending.batch.posted;
  if (first) await intoMessage(sending, first, first.parts);
}

/** Writes a message of the batch anew with these parts. */
async function intoMessage(
  sending: BatchSending,
  posted: PostedParts,
  parts: readonly string[],
): Promise<"shown" | "full" | "gone"> {
  const { place, context, batch } = sending;
  const limits = await uploadLimits(place, context.cache);
  const images = await fitParts(batch.view, parts, limits, context);
  if (images.length > mostImages) return "full";
  const message = messageOf(sending, images, posted === batch.posted[0]);
  try {
    return (await rewrite(sending, posted, message)) ? "shown" : "gone";
  } catch (error) {
    if (!(error instanceof DiscordFailure)) throw error;
    if (error.kind === "too-large") return "full";
    if (error.kind !== "closed") throw error;
    sending.log.warn(errorFacts(error), "discord: a message of a batch is gone");
    return "gone";
  }
}

/** Undefined where it is out of reach. */
async function rewrite({ place, acknowledgement, api }: BatchSending, posted: PostedParts, message: Outgoing) {
  if (posted.route === "private") return acknowledgement.edit(message);
  const at = readMessageKey(posted.message);
  if (!at) return undefined;
  // Where the bot is no member, its interaction alone reaches what it posted.
  const isAdded = posted.route === "channel" && !place.resident && place.answer === undefined;
  if (isAdded) return acknowledgement.editAdded(at.message, message);
  return api.edit({ channel: at.channel, guild: place.guild }, at.message, message);
}

function messageOf(
  { batch, delivery, place, context, text }: BatchSending,
  images: readonly BatchImage[],
  isFirst: boolean,
) {
  const hiding = { all: delivery.spoiler, others: place.spoiler === true };
  const linkTo = (job: string, index: number) => context.linkTo?.(job, index);
  return renderBatch({ view: batch.view, images, isFirst, hiding, user: place.user, linkTo }, text);
}

/** A new message for these parts, on the first way that is open. */
async function inNewMessage(sending: BatchSending, parts: readonly string[], isFirst: boolean): Promise<Delivered> {
  const render = async (limits: UploadLimits) => {
    const images = await fitParts(sending.batch.view, parts, limits, sending.context);
    return { images, message: messageOf(sending, images, isFirst) };
  };
  const way =
    (route: Delivered["route"], send: Send): Route =>
    async () => {
      const sent = await ever(sending, render, send);
      return sent && { route, message: reference(sent), messages: [reference(sent)] };
    };
  const routes = waysFor(sending, isFirst).map(({ route, send }) => way(route, send));
  const delivered = await firstOpen(routes, sending);
  if (delivered.route === "none" && sending.delivery.job.request.private) await notice(sending, true);
  return delivered;
}

type Send = (message: Outgoing) => Promise<APIMessage | undefined>;
type Render = (limits: UploadLimits) => Promise<{ readonly images: readonly BatchImage[]; readonly message: Outgoing }>;

function waysFor(
  sending: BatchSending,
  isFirst: boolean,
): { readonly route: Delivered["route"]; readonly send: Send }[] {
  const { place, delivery, acknowledgement, api } = sending;
  const { guild, channel, parent, resident, asked, user } = place;
  const post = (at: () => Destination | Promise<Destination>, replyTo?: string): Send => {
    return async (message) => postOnceMore(await at(), message, replyTo, sending);
  };
  const direct = { route: "direct", send: post(() => api.openDirect(user, guild)) } as const;
  const own = { route: "private", send: (message: Outgoing) => acknowledgement.edit(message) } as const;
  const inPlace = isFirst && place.answer === undefined ? [own] : [];
  if (delivery.job.request.private) return [...inPlace, direct];
  const beside = { route: "channel", send: (message: Outgoing) => acknowledgement.add(message, "channel") } as const;
  // A message that was added takes no nonce: it is never sent twice.
  const added = place.answer === undefined && !delivery.repeated ? [beside] : [];
  if (!resident) return [...added, ...inPlace, direct];
  const channels = [{ route: "channel", send: post(() => ({ channel, guild }), isFirst ? asked : undefined) } as const];
  const parents = parent ? [{ route: "channel", send: post(() => ({ channel: parent, guild })) } as const] : [];
  return [...channels, ...parents, direct];
}

/** A message of an earlier try is found by the names of its files, and written anew. */
async function postOnceMore(to: Destination, message: Outgoing, replyTo: string | undefined, sending: BatchSending) {
  const { api, delivery } = sending;
  const earlier = delivery.repeated ? await findShowing(to, delivery.job.id, api) : undefined;
  return earlier ? api.edit(to, earlier.id, message) : api.post(to, message, { nonce: delivery.nonce, replyTo });
}

/** With ever smaller files while Discord says that they are too large. */
async function ever({ place, context }: BatchSending, render: Render, send: Send): Promise<APIMessage | undefined> {
  let limits = await uploadLimits(place, context.cache);
  for (;;) {
    const { images, message } = await render(limits);
    try {
      return await send(message);
    } catch (error) {
      const tooLarge = error instanceof DiscordFailure && error.kind === "too-large";
      const next = tooLarge ? await lessThan(Math.min(limits.file, bytesOf(images)), place, context.cache) : undefined;
      if (!next) throw error;
      limits = next;
    }
  }
}

/** The message that answered the member shows how the batch stands; where it is the bot's own reply, it goes once all is said. */
async function closeAcknowledgement(sending: BatchSending, { route }: Delivered, { view, posted }: BatchDelivery) {
  const { acknowledgement, text, log, place } = sending;
  const isOver = view.parts.every(({ state }) => isFinal(state));
  if (route === "private" || route === "none") return;
  const isPosted = posted.length > 0 || sending.delivery.job.images.length > 0;
  if (place.answer && !(isOver && isPosted)) return;
  const close = async () => {
    if (place.answer) await acknowledgement.remove();
    else await acknowledgement.edit(renderCard(text.batches.card(view)));
  };
  await close().catch((error) =>
    log.warn(errorFacts(error), "discord: the acknowledgement of a batch was not updated"),
  );
}
