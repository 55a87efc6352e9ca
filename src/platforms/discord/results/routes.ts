import type { APIMessage } from "discord.js";
import type { Delivered } from "../../../contract/delivery.ts";
import { renderCard, textDisplay } from "../cards.ts";
import { customId } from "../custom-id.ts";
import { DiscordFailure, errorFacts, isForLater } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import { lessThan, uploadLimits } from "./limits.ts";
import { fitTogether, numbered } from "./pack.ts";
import { postAll, postOnce, reference } from "./post.ts";
import { renderResult } from "./result.ts";
import { partOf, type Sending } from "./sending.ts";

/** A way to show something; undefined when it is not there, DiscordFailure when it is closed. */
export type Route = (sending: Sending) => Promise<Delivered | undefined>;

/** Takes the first way that is open; throws DiscordFailure where none is, and one of them may open later. */
export async function firstOpen(routes: readonly Route[], sending: Sending): Promise<Delivered> {
  let held: DiscordFailure | undefined;
  for (const route of routes) {
    try {
      const delivered = await route(sending);
      if (delivered) return delivered;
    } catch (error) {
      if (!(error instanceof DiscordFailure) || error.kind === "later" || error.kind === "bug") throw error;
      sending.log.warn(errorFacts(error), "discord: a way to deliver is closed");
      if (error.kind === "held") held ??= error;
    }
  }
  if (held) throw held;
  return { route: "none" };
}

/** Into the bot's own answer, where a message asked. */
export const inAnswer: Route = async (sending) => {
  const { channel, guild, answer } = sending.place;
  return answer ? shown("channel", await postAll({ to: { channel, guild }, into: answer }, sending)) : undefined;
};

export const inChannel: Route = async (sending) => {
  const { channel, guild, resident, asked } = sending.place;
  if (!resident) return undefined; // Discord would refuse, and refusals count towards a ban
  return shown("channel", await postAll({ to: { channel, guild }, replyTo: asked }, sending));
};

/** Posts where a thread is gone or locked. */
export const inParent: Route = async (sending) => {
  const { parent, guild, resident } = sending.place;
  if (!resident || !parent) return undefined;
  return shown("channel", await postAll({ to: { channel: parent, guild } }, sending));
};

export const inDirectMessage: Route = async (sending) => {
  const { user, guild } = sending.place;
  return shown("direct", await postAll({ to: await sending.api.openDirect(user, guild) }, sending));
};

/**
 * The acknowledgement becomes the result: an edit can be repeated without a second message, a follow-up cannot, as it
 * takes no nonce and cannot be searched for.
 */
export const inAcknowledgement: Route = async (sending) => {
  if (sending.place.answer) return undefined;
  const edited = await together(sending, (message) => sending.acknowledgement.edit(message));
  return edited && shown("private", [edited]);
};

/** Posts in the channel through the interaction, for places where the bot itself cannot write. Never sent twice. */
export const besideAcknowledgement: Route = async (sending) => {
  if (sending.place.answer) return undefined;
  if (sending.delivery.repeated) return inAcknowledgement(sending);
  const added = await together(sending, (message) => sending.acknowledgement.add(message, "channel"));
  return added && shown("channel", [added]);
};

/** All images in one message, with ever smaller files while Discord says that they are too large. */
async function together(
  sending: Sending,
  send: (message: Outgoing) => Promise<APIMessage | undefined>,
): Promise<APIMessage | undefined> {
  const { delivery, place: target, context, text } = sending;
  const { job } = delivery;
  let limits = await uploadLimits(target, context.cache);
  for (;;) {
    const images = await fitTogether(numbered(job.images), limits, context);
    try {
      return await send(renderResult(job, target.user, partOf(images, sending), text));
    } catch (error) {
      const largest = Math.max(...images.map(({ file }) => file.bytes));
      const tooLarge = error instanceof DiscordFailure && error.kind === "too-large";
      const next = tooLarge ? await lessThan(largest, target, context.cache) : undefined;
      if (!next) throw error;
      limits = next;
    }
  }
}

/** Bad news, where its member finds it. */
export function newsInDirectMessage(message: Outgoing): Route {
  return async ({ api, place: target, delivery }) => {
    const to = await api.openDirect(target.user, target.guild);
    const mark = customId({ command: "again", job: delivery.job.id });
    const posted = await postOnce({ to, message, mark, nonce: delivery.nonce }, delivery.repeated, api);
    return { route: "direct", message: reference(posted) };
  };
}

/** The last way: a word in the channel, without anything that was private. */
export async function notice(sending: Sending, made: boolean): Promise<APIMessage | undefined> {
  const { api, place: target, delivery, text, log } = sending;
  if (!target.resident || !target.guild) return undefined;
  const words = textDisplay(text.discord.waiting(`<@${target.user}>`, made));
  try {
    if (target.answer) return await api.edit(target, target.answer, { components: [words] });
    return await api.post(target, { components: [words] }, { nonce: delivery.nonce, replyTo: target.asked });
  } catch (error) {
    if (!(error instanceof DiscordFailure) || isForLater(error)) throw error;
    log.warn(errorFacts(error), "discord: a member could not be told");
    return undefined;
  }
}

/** Lets the message that answered the member say how it ended. */
export async function closeAcknowledgement(sending: Sending, { route }: Delivered): Promise<void> {
  const { acknowledgement, delivery, text, log } = sending;
  const job = route === "none" ? ({ ...delivery.job, state: "undeliverable" } as const) : delivery.job;
  const lines = route === "direct" ? [text.discord.sentDirect] : [];
  await acknowledgement.edit(renderCard(text.job(job), { lines })).catch((error) => {
    log.warn(errorFacts(error), "discord: the acknowledgement of a delivered job was not updated");
  });
}

function shown(route: Delivered["route"], messages: readonly APIMessage[]): Delivered {
  const keys = messages.map(reference);
  return { route, message: keys[0], messages: keys };
}
