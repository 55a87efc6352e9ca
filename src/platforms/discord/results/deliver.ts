import { type Delivered, type Delivery, DeliveryDelayed } from "../../../contract/delivery.ts";
import { textFor } from "../../../text/text.ts";
import type { Platform, PlatformContext } from "../../platform.ts";
import { renderCard } from "../cards.ts";
import { readMessageKey, readReplyTarget } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import { errorFacts, isForLater } from "../rest/failure.ts";
import { acknowledgementAt } from "./acknowledgement.ts";
import { deliverPart } from "./batch.ts";
import { reference } from "./post.ts";
import { renderFailure } from "./progress.ts";
import type { Route } from "./routes.ts";
import {
  besideAcknowledgement,
  closeAcknowledgement,
  firstOpen,
  inAcknowledgement,
  inAnswer,
  inChannel,
  inDirectMessage,
  inParent,
  newsInDirectMessage,
  notice,
} from "./routes.ts";
import type { Sending } from "./sending.ts";

/** `Platform.deliver` over REST alone. */
export function deliverer(api: DiscordApi, context: PlatformContext): Platform["deliver"] {
  return async (delivery) => {
    const sending = sendingOf(delivery, api, context);
    const { batch } = delivery;
    try {
      if (batch) return await deliverPart({ ...sending, batch });
      return await (delivery.job.state === "failed" ? tellFailure(sending) : showImages(sending));
    } catch (error) {
      if (!isForLater(error)) throw error;
      throw new DeliveryDelayed(error.message, error.retryAfterMs);
    }
  };
}

/** `Platform.tellUndeliverable`: where the command was acknowledged, and else as a word in the channel. */
export function undeliverableTeller(api: DiscordApi, context: PlatformContext) {
  return async (delivery: Delivery): Promise<void> => {
    const sending = sendingOf(delivery, api, context);
    if (!delivery.job.request.private) await closeAcknowledgement(sending, { route: "none" });
    await notice(sending, true);
  };
}

function sendingOf(delivery: Delivery, api: DiscordApi, context: PlatformContext): Sending {
  const { job } = delivery;
  const { world, seal } = context;
  const target = readReplyTarget(delivery.replyTarget);
  const log = context.log.child({ job: job.id });
  const acknowledgement = acknowledgementAt(target, api, { world, seal, log });
  return { delivery, place: target, acknowledgement, api, context, text: textFor(job.locale), log };
}

const openly: readonly Route[] = [inAnswer, inChannel, besideAcknowledgement, inParent, inDirectMessage];
const privately: readonly Route[] = [inAcknowledgement, inDirectMessage];

async function showImages(sending: Sending): Promise<Delivered> {
  const { delivery, place: target } = sending;
  const hidden = delivery.job.request.private;
  const delivered = await firstOpen(hidden ? privately : openly, sending);
  const isAnswer = target.answer !== undefined && delivered.messages?.some((key) => key.endsWith(`:${target.answer}`));
  if (delivered.route === "none" && hidden) await notice(sending, true);
  else if (delivered.route !== "private" && !isAnswer) await closeAcknowledgement(sending, delivered);
  await replaceEarlier(sending, delivered);
  return delivered;
}

/** The news of a failure that turned out to be none. */
async function replaceEarlier({ delivery, place, api, text, log }: Sending, { messages }: Delivered): Promise<void> {
  const earlier = delivery.earlier && !messages?.includes(delivery.earlier) && readMessageKey(delivery.earlier);
  if (!earlier) return;
  const { guild } = place;
  await api
    .edit({ channel: earlier.channel, guild }, earlier.message, renderCard(text.job(delivery.job)))
    .catch((error) => {
      log.info(errorFacts(error), "discord: the news of a failure was not replaced"); // it was private, and is gone
    });
}

/** Where the command was acknowledged. */
async function tellFailure(sending: Sending): Promise<Delivered> {
  const { delivery, acknowledgement, text, place: target } = sending;
  const { job } = delivery;
  const open = target.answer !== undefined && job.request.private;
  const message = renderFailure(job, text);
  const edited = await acknowledgement.edit(open ? renderCard(text.job(job)) : message);
  if (edited) return { route: target.answer ? "channel" : "private", message: reference(edited) };
  const delivered = await firstOpen([newsInDirectMessage(message)], sending);
  if (delivered.route !== "none") return delivered;
  const noticed = await notice(sending, false);
  return noticed ? { route: "channel", message: reference(noticed) } : delivered;
}
