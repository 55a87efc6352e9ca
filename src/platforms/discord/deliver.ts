import { textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { Delivered, Delivery, Platform, PlatformContext } from "../platform.ts";
import { DeliveryDelayed } from "../platform.ts";
import { acknowledgementAt } from "./acknowledgement.ts";
import type { DiscordApi, Outgoing } from "./api.ts";
import { renderCard } from "./cards.ts";
import { customId } from "./custom-id.ts";
import { DiscordFailure, errorFacts } from "./failure.ts";
import { codeBlock } from "./markup.ts";
import { fitAll, numbered, sendSmallEnough, shareOfOneMessage } from "./pack.ts";
import { readPlace } from "./place.ts";
import type { Sending } from "./post.ts";
import { postAll, postOnce, reference } from "./post.ts";
import { renderResult } from "./result.ts";

type Route = (sending: Sending) => Promise<Delivered | undefined>;

/** `Platform.deliver` over REST alone. */
export function deliverer(api: DiscordApi, context: PlatformContext): Platform["deliver"] {
  const { world, seal, log } = context;
  return async (delivery) => {
    const { job } = delivery;
    const place = readPlace(delivery.place);
    const jobLog = log.child({ job: job.id });
    const acknowledgement = acknowledgementAt(place, api, { world, seal, log: jobLog });
    const text = textFor(job.locale);
    const sending: Sending = { delivery, place, acknowledgement, api, context, text, log: jobLog };
    try {
      return await (job.state === "failed" ? tellFailure(sending) : showImages(sending));
    } catch (error) {
      if (!(error instanceof DiscordFailure) || error.kind !== "later") throw error;
      throw new DeliveryDelayed(error.message, error.retryAfterMs);
    }
  };
}

async function showImages(sending: Sending): Promise<Delivered> {
  const { delivery, acknowledgement, text, log } = sending;
  const { job } = delivery;
  const routes: readonly Route[] = job.request.private
    ? [inAcknowledgement, inDirectMessage]
    : [inChannel, besideAcknowledgement, inDirectMessage];
  const delivered = await firstOpen(routes, sending);
  if (delivered.route !== "private") {
    await acknowledgement.edit(renderCard(text.job(asDelivered(delivered, sending)))).catch((error) => {
      log.warn(errorFacts(error), "discord: the acknowledgement of a delivered job was not updated");
    });
  }
  return delivered;
}

function asDelivered({ route }: Delivered, { delivery: { job } }: Sending): Delivery["job"] {
  return route === "none" ? { ...job, state: "undeliverable" } : job;
}

/** Privately, where the command was acknowledged; with Try again, and with the prompt to copy. */
async function tellFailure(sending: Sending): Promise<Delivered> {
  const { delivery, acknowledgement, text } = sending;
  const card = renderCard(text.job(delivery.job));
  const prompt = codeBlock(delivery.job.request.prompt, 1000);
  const message = { ...card, content: `${clip(card.content, 900)}\n${prompt}` };
  const edited = await acknowledgement.edit(message);
  if (edited) return { route: "private", message: reference(edited) };
  return firstOpen([(each) => newsInDirectMessage(each, message)], sending);
}

async function firstOpen(routes: readonly Route[], sending: Sending): Promise<Delivered> {
  for (const route of routes) {
    try {
      const delivered = await route(sending);
      if (delivered) return delivered;
    } catch (error) {
      if (!(error instanceof DiscordFailure) || error.kind === "later" || error.kind === "bug") throw error;
      sending.log.warn(errorFacts(error), "discord: a way to deliver is closed");
    }
  }
  return { route: "none" };
}

async function inChannel(sending: Sending): Promise<Delivered | undefined> {
  const { channel, resident } = sending.place;
  if (!resident) return undefined; // Discord would refuse, and refusals count towards a ban
  return { route: "channel", message: reference(await postAll(channel, sending)) };
}

async function inDirectMessage(sending: Sending): Promise<Delivered> {
  const channel = await sending.api.openDirect(sending.place.user);
  return { route: "direct", message: reference(await postAll(channel, sending)) };
}

async function newsInDirectMessage({ api, place, delivery }: Sending, message: Outgoing): Promise<Delivered> {
  const channel = await api.openDirect(place.user);
  const mark = customId({ command: "again", job: delivery.job.id });
  const posted = await postOnce({ channel, message, mark, nonce: delivery.nonce }, delivery, api);
  return { route: "direct", message: reference(posted) };
}

/**
 * The acknowledgement becomes the result: an edit can be repeated without a second message, a follow-up cannot, as it
 * takes no nonce and cannot be searched for.
 */
async function inAcknowledgement(sending: Sending): Promise<Delivered | undefined> {
  const edited = await sendSmallEnough(async (limit) => {
    return sending.acknowledgement.edit(await onlyMessage(sending, limit));
  });
  return edited && { route: "private", message: reference(edited) };
}

/** In the channel through the interaction, for places where the bot itself cannot write. Never sent twice. */
async function besideAcknowledgement(sending: Sending): Promise<Delivered | undefined> {
  if (sending.delivery.repeated) return inAcknowledgement(sending);
  const added = await sendSmallEnough(async (limit) => {
    return sending.acknowledgement.add(await onlyMessage(sending, limit), "channel");
  });
  return added && { route: "channel", message: reference(added) };
}

async function onlyMessage({ delivery: { job }, place, context, text }: Sending, limit: number): Promise<Outgoing> {
  const images = await fitAll(numbered(job.images), shareOfOneMessage(job.images.length, limit), context);
  return renderResult(job, place.user, { images, number: 0, last: true }, text);
}
