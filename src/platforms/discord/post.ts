import { createHash } from "node:crypto";
import type { APIMessage } from "discord.js";
import type { Text } from "../../text/text.ts";
import type { Log } from "../../world.ts";
import type { Delivery, PlatformContext } from "../platform.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { DiscordApi, Outgoing } from "./api.ts";
import { DiscordFailure } from "./failure.ts";
import { fileBytes, fitAll, numbered, pack, sendSmallEnough } from "./pack.ts";
import type { Place } from "./place.ts";
import type { Part } from "./result.ts";
import { imagesWithButtons, markOf, renderResult } from "./result.ts";

/** One delivery and all that it needs; made from the stored place alone, so that any process can deliver. */
export interface Sending {
  readonly delivery: Delivery;
  readonly place: Place;
  readonly acknowledgement: Acknowledgement;
  readonly api: DiscordApi;
  readonly context: Pick<PlatformContext, "fit">;
  readonly text: Text;
  readonly log: Log;
}

/** Posts a job's images to a channel, in several messages where they do not fit into one; resolves to the last. */
export async function postAll(channel: string, sending: Sending): Promise<APIMessage> {
  const { job } = sending.delivery;
  const packs = pack(await fitAll(numbered(job.images), fileBytes, sending.context), imagesWithButtons);
  let posted: APIMessage | undefined;
  for (const [number, images] of packs.entries()) {
    // Only this pack shrinks when Discord finds it too large: what was posted before it stays as it is.
    posted = await sendSmallEnough(async (limit) => {
      const part = { images: await fitAll(images, limit, sending.context), number, last: number === packs.length - 1 };
      return postPart(channel, part, sending);
    });
  }
  if (!posted) throw new TypeError(`job ${job.id} is delivered without images`);
  return posted;
}

function postPart(channel: string, part: Part, { delivery, place, api, text }: Sending): Promise<APIMessage> {
  const { job, nonce } = delivery;
  const message = renderResult(job, place.user, part, text);
  const mark = markOf(job.id, part.images[0]?.index ?? 0);
  return postOnce({ channel, message, mark, nonce: nonceOf(nonce, part.number) }, delivery, api);
}

export interface Posting {
  readonly channel: string;
  readonly message: Outgoing;
  /** The custom id of one of its buttons, which no other message has. */
  readonly mark: string;
  readonly nonce: string;
}

/**
 * Posts a message, or finds the one that an earlier try left there: Discord's nonce covers a few minutes, its history
 * the time after that (where the bot may read it).
 */
export async function postOnce(
  { channel, message, mark, nonce }: Posting,
  { repeated }: Delivery,
  api: DiscordApi,
): Promise<APIMessage> {
  const earlier = repeated ? await findEarlier(channel, mark, api) : undefined;
  return earlier ?? api.post(channel, message, nonce);
}

async function findEarlier(channel: string, mark: string, api: DiscordApi): Promise<APIMessage | undefined> {
  const { id } = await api.me();
  const messages = await api.recent(channel).catch((error) => {
    if (error instanceof DiscordFailure && error.kind === "closed") return []; // to write there may still be allowed
    throw error;
  });
  return messages.find((message) => message.author.id === id && holds(message, mark));
}

function holds({ components = [] }: APIMessage, mark: string): boolean {
  return components.some(
    (row) => "components" in row && row.components.some((part) => "custom_id" in part && part.custom_id === mark),
  );
}

/** As `Delivered.message`. */
export function reference({ id, channel_id }: APIMessage): string {
  return `discord:${channel_id}:${id}`;
}

/** A nonce of its own for each part, the same at each try; Discord takes 25 characters. */
function nonceOf(nonce: string, part: number): string {
  if (part === 0) return nonce;
  return createHash("sha256").update(`${nonce}:${part}`).digest("base64url").slice(0, 25);
}
