import type { Context } from "../context.ts";
import type { Poster } from "../contract/delivery.ts";
import { type Delivered, DeliveryDelayed } from "../contract/delivery.ts";
import { bookGoodwill } from "../credits/spend.ts";
import { confirmDelivery, markPosting, postponeDelivery } from "../jobs/deliveries.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { endDelivering } from "../jobs/transitions.ts";
import { rulesOf } from "../policy/documents.ts";
import { persist } from "../settlement/persist.ts";
import type { DeliveryRow } from "../store/tables.ts";
import { viewOf } from "../views/job-view.ts";

/** After this many tries the images stay in the member's history, uncharged. */
const maxTries = 10;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;

/** Posts a finished job; the charge and the word that it was posted are one transaction. */
export async function deliver(context: Context, delivery: DeliveryRow): Promise<void> {
  const job = await persist(context, "job to post", () => findJob(context.database.db, delivery.job));
  if (!job) throw new Error(`delivery of a job ${delivery.job} that is not there`);
  const platform = context.platform(job.platform);
  try {
    // Without a platform: it left the configuration a day ago.
    const told = platform ? await post(context, platform, job, delivery) : nowhere;
    if (told) await finish(context, job, delivery, told);
  } finally {
    context.changes.announce(job.id);
  }
}

const nowhere: Delivered = { route: "none" };

/** Undefined when it is to be tried again later, or another process has it now. */
async function post(
  context: Context,
  platform: Pick<Poster, "deliver">,
  job: Job,
  delivery: DeliveryRow,
): Promise<Delivered | undefined> {
  // What is told anew is another message to the platform, and looked for by another nonce.
  const isLate = delivery.route !== null;
  const view = await persist(context, "job to post", () => viewOf(context, job));
  const { spoiler } = await persist(context, "rules", () => rulesOf(context.database.db, job.tenant));
  context.world.checkpoint("before-post");
  if (!(await persist(context, "posting", () => markPosting(context.database, delivery)))) return undefined;
  context.world.checkpoint("posting");
  try {
    return await platform.deliver({
      job: job.state === "delivering" ? { ...view, state: "delivered" } : view,
      replyTarget: job.replyTarget,
      nonce: isLate ? `${job.id}-2` : job.id,
      repeated: delivery.phase === "sending",
      spoiler,
      earlier: delivery.message ?? undefined,
    });
  } catch (error) {
    return retryLater(context, job, delivery, error);
  }
}

async function finish(context: Context, job: Job, delivery: DeliveryRow, delivered: Delivered): Promise<void> {
  const now = context.world.now();
  context.world.checkpoint("posted");
  const { route, message = null, messages = [] } = delivered;
  const hold = holdOf(job);
  const state = route === "none" ? "undeliverable" : "delivered";
  const ended = await persist(context, "posted", () =>
    context.database.transaction(async (trx) => {
      const told = { route, message, messages, now };
      const [account, mine] = await Promise.all([
        context.credits.open(trx, job.member),
        confirmDelivery(trx, delivery, told),
      ]);
      if (!mine || !(await endDelivering(trx, job.id, state))) return false;
      if (state === "delivered") await context.credits.capture(trx, account, hold, job.charged ?? 0);
      else {
        await context.credits.release(trx, account, hold);
        await bookGoodwill(trx, context.world, { job: job.id, amount: job.charged ?? 0 });
      }
      return true;
    }),
  );
  context.world.checkpoint("delivered");
  context.log.info({ job: job.id, route, message, state: ended ? state : job.state }, "delivered");
  if (!ended) return;
  const charged = state === "delivered" ? (job.charged ?? 0) : 0;
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  context.observer.jobEnded({ platform: job.platform, state, waitedMs, charged });
}

async function retryLater(
  context: Context,
  job: Job,
  delivery: DeliveryRow,
  error: unknown,
): Promise<Delivered | undefined> {
  const expected = error instanceof DeliveryDelayed;
  context.log[expected ? "warn" : "error"]({ job: job.id, tries: delivery.tries, err: error }, "not posted yet");
  if (delivery.tries >= maxTries) return nowhere;
  const pause = expected ? error.retryAfterMs : firstPauseMs * 2 ** delivery.tries;
  const runAt = context.world.now() + Math.min(pause, longestPauseMs);
  await persist(context, "posting later", () => postponeDelivery(context.database, delivery, runAt));
  return undefined;
}
