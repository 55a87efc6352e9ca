import type { Context } from "../context.ts";
import {
  type BatchDelivery,
  type Delivered,
  type Delivery,
  DeliveryDelayed,
  type PostedParts,
  type Poster,
} from "../contract/delivery.ts";
import { moveParts, partsOf, postedParts } from "../jobs/batches.ts";
import { confirmDelivery, isOurs, postponeDelivery } from "../jobs/deliveries.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { endDelivering } from "../jobs/transitions.ts";
import { rulesOf } from "../policy/documents.ts";
import { persist } from "../settlement/persist.ts";
import { countUnpaidResult } from "../settlement/unpaid.ts";
import type { DeliveryRow } from "../store/tables.ts";
import { batchViewOf } from "../views/batch-view.ts";
import { viewOf } from "../views/job-view.ts";
import type { Reach } from "./reach.ts";

/** Says how long a process goes on trying to post. */
export interface Patience {
  readonly reach: Pick<Reach, "confirm">;
  /** From the end of the job until it is given up, while its platform cannot be reached. */
  readonly waitMs: number;
}

/** After so many tries that ended by a bug, the images stay in the member's history. */
const maxTries = 10;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;

/** Posts a finished job; the charge and the note that it was posted are one transaction. */
export async function deliver(context: Context, delivery: DeliveryRow, patience: Patience): Promise<void> {
  const job = await persist(context, "job to post", () => findJob(context.database.db, delivery.job));
  if (!job) throw new Error(`delivery of a job ${delivery.job} that is not there`);
  const platform = context.platform(job.platform);
  try {
    // Without a platform: it left the configuration days ago.
    const delivered = platform ? await post(context, platform, { job, delivery }, patience) : nowhere;
    if (delivered) await finish(context, job, delivery, delivered);
  } finally {
    context.changes.announce(job.id);
  }
}

/** A job and its row in the queue of deliveries. */
interface Due {
  readonly job: Job;
  readonly delivery: DeliveryRow;
}

type DuePoster = Pick<Poster, "deliver" | "tellUndeliverable">;

const nowhere: Delivered = { route: "none" };

/** Undefined when it is to be tried again later, or another process has it now. */
async function post(
  context: Context,
  platform: DuePoster,
  due: Due,
  patience: Patience,
): Promise<Delivered | undefined> {
  const { job, delivery } = due;
  // What is told anew is another message to the platform, and looked for by another nonce.
  const isLate = delivery.route !== null;
  const view = await persist(context, "job to post", () => viewOf(context, job));
  const { db } = context.database;
  const [{ spoiler }, ours] = await persist(context, "posting", () =>
    Promise.all([rulesOf(db, job.tenant), isOurs(db, delivery)]),
  );
  if (!ours) return undefined;
  context.world.checkpoint("posting");
  const message: Delivery = {
    job: job.state === "delivering" ? { ...view, state: "delivered" } : view,
    replyTarget: job.replyTarget,
    nonce: isLate ? `${job.id}-2` : job.id,
    repeated: delivery.tries > 1,
    spoiler,
    earlier: delivery.message ?? undefined,
  };
  try {
    return job.batch === undefined
      ? await platform.deliver(message)
      : await postPart(context, platform, job.batch, message);
  } catch (error) {
    if (await postponed(context, due, error, patience)) return undefined;
    context.log.error({ job: job.id, platform: job.platform }, "delivery given up");
    await tellUndeliverable(context, platform, message);
    return nowhere;
  }
}

/** More changes than any batch has parts: something is wrong when it looks different every time. */
const mostRounds = 50;

/**
 * Posts a part of a batch with all that the batch has come to; and again, while it came to more at the same time. So the
 * last word is never that of a process that had looked earlier.
 */
async function postPart(context: Context, platform: DuePoster, batch: string, message: Delivery): Promise<Delivered> {
  let delivered: Delivered = nowhere;
  let look = await batchNow(context, batch, message.job);
  for (let round = 0; round < mostRounds; round += 1) {
    delivered = await platform.deliver({ ...message, repeated: message.repeated || round > 0, batch: look });
    const after = await batchNow(context, batch, message.job);
    if (looksLike(look) === looksLike(after)) return delivered;
    look = shownAlready(after, message.job.id, delivered);
  }
  return delivered;
}

/** Adds the message of a moment ago, which is written down only once nothing changes any more. */
function shownAlready(look: BatchDelivery | undefined, job: string, { message, route, moved }: Delivered) {
  if (!look || message === undefined) return look;
  const others = look.posted.map((each) => ({ ...each, parts: each.parts.filter((part) => !moved?.includes(part)) }));
  const here = others.find((each) => each.message === message);
  const parts = [...new Set([...(here?.parts ?? []), ...(moved ?? []), job])];
  const rest = others.filter((each) => each !== here && each.parts.length > 0);
  return { ...look, posted: [...rest, { message, route, parts }] };
}

/** Tells as much of a batch as its message shows: no positions, and no times to come. */
function looksLike(look: BatchDelivery | undefined): string {
  return JSON.stringify(look?.view.parts.map(({ id, state, images }) => [id, state, images.length]));
}

async function batchNow(context: Context, batch: string, posting: Delivery["job"]): Promise<BatchDelivery | undefined> {
  const { db } = context.database;
  const [jobs, rows] = await persist(context, "batch to post", () =>
    Promise.all([partsOf(db, batch), postedParts(db, batch)]),
  );
  const view = await persist(context, "batch to post", () => batchViewOf(context, jobs));
  if (!view) return undefined;
  const posted = new Map<string, PostedParts>();
  for (const { job, message, route } of rows.filter((row) => row.job !== posting.id)) {
    const parts = [...(posted.get(message)?.parts ?? []), job];
    posted.set(message, { message, route: route as Delivered["route"], parts });
  }
  const [first, ...others] = view.parts.map((part) => (part.id === posting.id ? posting : part));
  return { view: { ...view, parts: [first ?? posting, ...others] }, posted: [...posted.values()] };
}

/** Tries to tell the member, which may fail for the same reason as the delivery itself. */
async function tellUndeliverable(context: Context, platform: DuePoster, { job, ...message }: Delivery): Promise<void> {
  if (job.state !== "delivered" || job.batch) return; // the message of a batch tells of its other parts
  await platform
    .tellUndeliverable?.({ ...message, job: { ...job, state: "undeliverable" } })
    .catch((error: unknown) =>
      context.log.warn({ job: job.id, err: error }, "a member was not told of a job given up"),
    );
}

async function finish(context: Context, job: Job, delivery: DeliveryRow, delivered: Delivered): Promise<void> {
  const now = context.world.now();
  context.world.checkpoint("posted");
  const { route, message = null, messages = [], moved = [] } = delivered;
  const hold = holdOf(job);
  const state = route === "none" ? "undeliverable" : "delivered";
  const ended = await persist(context, "posted", () =>
    context.database.transaction(async (trx) => {
      const delivered = { route, message, messages, shownAs: job.batch, now };
      const [account, mine] = await Promise.all([
        context.credits.open(trx, job.member),
        confirmDelivery(trx, delivery, delivered),
      ]);
      if (mine && message !== null) await moveParts(trx, moved, message);
      if (!mine || !(await endDelivering(trx, job.id, state, now))) return false;
      // Otherwise the hold stays: whoever sees the images in the history pays for them then.
      if (state === "delivered") await context.credits.capture(trx, account, hold, job.charged ?? 0);
      return true;
    }),
  );
  context.world.checkpoint("delivered");
  context.log.info({ job: job.id, route, message, state: ended ? state : job.state }, "delivered");
  if (!ended) return;
  if (state === "undeliverable") await countUnpaidResult(context, job, "undeliverable");
  const charged = state === "delivered" ? (job.charged ?? 0) : 0;
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  context.observer.jobEnded({ platform: job.platform, state, waitedMs, charged });
}

/** False when it is given up. What the platform did not take for now uses up no tries, and keeps its place in the order. */
async function postponed(
  context: Context,
  { job, delivery }: Due,
  error: unknown,
  { reach, waitMs }: Patience,
): Promise<boolean> {
  const delayed = error instanceof DeliveryDelayed;
  context.log[delayed ? "warn" : "error"]({ job: job.id, tries: delivery.tries, err: error }, "not posted yet");
  const now = context.world.now();
  const waitedMs = now - (job.finishedAt ?? job.createdAt);
  if (delayed ? waitedMs >= waitMs : delivery.tries >= maxTries) return false;
  const runAt = delayed ? await nextTry(context, { job, delivery }, error, reach) : now + pauseAfter(delivery.tries);
  const tries = delayed ? delivery.tries - 1 : delivery.tries;
  await persist(context, "posting later", () => postponeDelivery(context.database, delivery, { runAt, tries }));
  return true;
}

const pauseAfter = (tries: number) => Math.min(longestPauseMs, firstPauseMs * 2 ** tries);

/**
 * While the platform is away it stays due, and is taken with all others once the platform is back. Where the platform is
 * there and does not take this message, the pauses grow with the time that it has waited.
 */
async function nextTry(context: Context, { job, delivery }: Due, error: DeliveryDelayed, reach: Patience["reach"]) {
  if (!(await reach.confirm(job.platform))) return delivery.due_at;
  const now = context.world.now();
  const growing = Math.max(firstPauseMs, (now - (job.finishedAt ?? now)) / 2);
  return now + Math.min(longestPauseMs, Math.max(error.retryAfterMs, Math.floor(growing)));
}
