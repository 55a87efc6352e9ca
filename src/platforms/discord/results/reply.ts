import type { Reply } from "../../../command/reply.ts";
import { type BatchView, type Caller, imagesOfBatch, isFinal, type JobView } from "../../../contract/usecases.ts";
import { fileFormats } from "../../../image.ts";
import type { Text } from "../../../text/text.ts";
import type { Log } from "../../../world.ts";
import type { PlatformContext } from "../../platform.ts";
import { renderCard } from "../cards.ts";
import { type ReplyTarget, readMessageKey } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { fitParts, mostImages, renderBatch } from "./batch-message.ts";
import { sendData } from "./data.ts";
import { showDescribed } from "./described.ts";
import { eraseMessages } from "./erase-messages.ts";
import { follow } from "./follow.ts";
import { followBatch } from "./follow-batch.ts";
import { renderHistory } from "./history.ts";
import { uploadLimits } from "./limits.ts";
import { fitTogether, numbered } from "./pack.ts";
import { renderResult } from "./result.ts";
import { partOf } from "./sending.ts";

/** An answered event: who asked, and where the answer is shown. */
export interface Answering {
  readonly api: DiscordApi;
  readonly context: PlatformContext;
  readonly caller: Caller;
  readonly place: ReplyTarget;
  readonly acknowledgement: Acknowledgement;
  readonly text: Text;
  readonly log: Log;
  /** Aborts when the platform stops. */
  readonly signal: AbortSignal;
  /** The message with the button that was pressed, when the answer takes its place. */
  readonly source?: string | undefined;
}

/** Until its job is delivered a message is followed for a day; longer waits tell themselves by the result. */
const longestFollowMs = 24 * 3_600_000;

/** Shows what a command answered, until the job that it started is about to be delivered. */
export async function showReply(reply: Reply, answering: Answering): Promise<void> {
  const { acknowledgement, context, caller, text, log, place: target, signal } = answering;
  const { usecases, world } = context;
  switch (reply.kind) {
    case "card":
      await acknowledgement.edit(renderCard(reply.card));
      return;
    case "job": {
      const until = target.answer ? world.now() + longestFollowMs : target.tokenUntil;
      const { lacking } = target;
      const showing = {
        lacking,
        spoiler: target.spoiler === true,
        showImages: (job: JobView) => showImages(job, answering),
      };
      return follow(reply.job, { acknowledgement, usecases, caller, world, log, text, until, signal, ...showing });
    }
    case "batch":
      return showBatch(reply.batch, answering);
    case "history":
      await acknowledgement.edit(await renderHistory(reply.card, reply.jobs, { context, text, log }));
      return;
    case "images":
      return showImages(reply.job, answering);
    case "picture":
      return showPicture(reply, answering);
    case "data":
      return sendData(reply, { acknowledgement, text, limits: await uploadLimits(target, context.cache) });
    case "described":
      return showDescribed(reply, answering);
    case "removed":
      return removeMessages(reply, answering);
  }
}

/** Follows a batch in the acknowledgement; of one that is over, it shows the first images. */
async function showBatch(view: BatchView, answering: Answering): Promise<void> {
  const { acknowledgement, context, caller, text, log, place: target, signal } = answering;
  const { usecases, world } = context;
  if (view.parts.every(({ state }) => isFinal(state))) return showBatchImages(view, answering);
  const until = target.answer ? world.now() + longestFollowMs : target.tokenUntil;
  const isHere = target.answer === undefined && view.parts[0].request.private;
  const show = (now: BatchView) => showBatchImages(now, answering);
  const showImages = isHere ? show : undefined;
  await followBatch(view, { acknowledgement, usecases, caller, world, log, text, until, signal, showImages });
}

async function showBatchImages(view: BatchView, { acknowledgement, context, text, place }: Answering): Promise<void> {
  const made = imagesOfBatch(view).slice(0, mostImages);
  if (made.length === 0) return void (await acknowledgement.edit(renderCard(text.batches.card(view))));
  const limits = await uploadLimits(place, context.cache);
  const parts = made.map(({ job }) => job.id);
  const images = (await fitParts(view, parts, limits, context)).slice(0, mostImages);
  const linkTo = (job: string, index: number) => context.linkTo?.(job, index);
  const hiding = { all: false, others: place.spoiler === true };
  await acknowledgement.edit(renderBatch({ view, images, isFirst: true, hiding, user: place.user, linkTo }, text));
}

async function showImages(job: JobView, { acknowledgement, context, text, place: target }: Answering): Promise<void> {
  if (job.images.length === 0) {
    await acknowledgement.edit(renderCard(text.refusal(text.refusals["job-has-no-images"]({}))));
    return;
  }
  const limits = await uploadLimits(target, context.cache);
  const images = await fitTogether(numbered(job.images).slice(0, 10), limits, context);
  const part = partOf(images, { delivery: { job, spoiler: false }, place: target, context });
  await acknowledgement.edit(renderResult(job, target.user, part, text));
}

/** The card alone, where the file cannot be had. */
async function showPicture(
  { card, image, alt }: Extract<Reply, { kind: "picture" }>,
  { acknowledgement, context, log, place: target }: Answering,
): Promise<void> {
  const { file: bytes } = await uploadLimits(target, context.cache);
  const fitted = await context.fit(image, { bytes, formats: fileFormats }).catch((error: unknown) => {
    log.warn({ err: error }, "discord: a saved image cannot be shown");
    return undefined;
  });
  const file = fitted && { path: fitted.path, name: `image.${fitted.format}`, mime: `image/${fitted.format}`, alt };
  await acknowledgement.edit(renderCard(card, { picture: file }));
}

/** Each message by the bot's own hand; the one with the button also by the interaction, where the bot is no member. */
async function removeMessages(reply: Reply & { kind: "removed" }, answering: Answering): Promise<void> {
  const { acknowledgement, api, source, log, place } = answering;
  const isMember = place.resident || place.lacking !== undefined;
  const isOpen = (channel: string | undefined) => isMember || channel !== place.channel; // else Discord would refuse
  const others = reply.messages.filter((key) => {
    const at = readMessageKey(key);
    return at?.message !== source && isOpen(at?.channel);
  });
  await eraseMessages(others, place.guild, { api, log });
  if (source) await acknowledgement.remove();
  await (source ? acknowledgement.add(renderCard(reply.card), "caller") : acknowledgement.edit(renderCard(reply.card)));
}
