import type { APIMessage } from "discord.js";
import type { Reply } from "../../../command/reply.ts";
import type { DescribedJobs, JobView } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { renderCard } from "../cards.ts";
import { type ImageNotes, type PostedImage, postedImagesIn, withNotes } from "../posted-images.ts";
import { readMessageKey, readReplyTarget } from "../reply-target.ts";
import { DiscordFailure, errorFacts } from "../rest/failure.ts";
import type { Outgoing } from "../rest/message.ts";
import type { Answering } from "./reply.ts";

/** Writes the alt texts and spoilers of images into the message with the button, and into those where they were posted. */
export async function showDescribed(
  { card, images }: Extract<Reply, { kind: "described" }>,
  answering: Answering,
): Promise<void> {
  const { acknowledgement, source, text, log } = answering;
  const seen = source === undefined ? undefined : await acknowledgement.look();
  const edited = seen && (await unlessClosed(acknowledgement.edit(renotedMessage(seen, images)), answering));
  let isShown = edited !== undefined;
  for (const job of images.jobs) {
    for (const key of await keysOf(job, answering)) {
      const isDone = edited !== undefined && readMessageKey(key)?.message === source;
      if (!isDone && (await renotePosted(key, images, answering))) isShown = true; // also in a thread that was archived
    }
  }
  if (!isShown) log.info({ jobs: images.jobs.map(({ id }) => id) }, "discord: described images are shown nowhere now");
  const outcome = renderCard(isShown ? card : text.cards.describedLater());
  await (source ? acknowledgement.add(outcome, "caller") : acknowledgement.edit(outcome));
}

/** The messages of a job that the bot itself may reach. */
async function keysOf({ id, replyTarget }: JobView, { context, caller }: Answering): Promise<readonly string[]> {
  const target = readReplyTarget(replyTarget ?? "{}");
  const keys = await context.usecases.messagesOf(id, caller);
  return keys.filter((key) => target.resident || readMessageKey(key)?.channel !== target.channel);
}

async function renotePosted(key: string, images: DescribedJobs, answering: Answering): Promise<boolean> {
  const at = readMessageKey(key);
  if (!at) return false;
  const to = { channel: at.channel, guild: answering.place.guild };
  const message = await unlessClosed(answering.api.message(to, at.message), answering);
  if (!message || postedImagesIn(message).length === 0) return false;
  const edit = answering.api.edit(to, at.message, renotedMessage(message, images));
  return (await unlessClosed(edit, answering)) !== undefined;
}

function renotedMessage(message: APIMessage, images: DescribedJobs): Outgoing {
  return withNotes(message, (image) => notesFor(image, images));
}

function notesFor({ of, spoiler }: PostedImage, { jobs, hidesAll }: DescribedJobs): ImageNotes | undefined {
  const job = jobs.find(({ id }) => id === of.job);
  const image = job?.images[of.index];
  if (!job || !image) return undefined;
  const alt = textFor(job.locale).result.altText(job, 1024, image);
  return { alt, spoiler: hidesAll || (image.spoiler ?? spoiler) };
}

/** Undefined where Discord does not let the bot look or write; that is logged. */
async function unlessClosed<Answer>(
  asking: Promise<Answer | undefined>,
  { log }: Answering,
): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof DiscordFailure)) throw error;
    log.warn(errorFacts(error), "discord: a described image was not written anew");
    return undefined;
  }
}
