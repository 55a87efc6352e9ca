import type { Room } from "../context.ts";
import { type Delivered, DeliveryDelayed } from "../contract/delivery.ts";
import { bookGoodwill } from "../credits/spend.ts";
import { confirmDelivery, markPosting, postponeDelivery } from "../jobs/deliveries.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { endDelivering } from "../jobs/transitions.ts";
import type { Platform } from "../platforms/platform.ts";
import { rulesOf } from "../policy/documents.ts";
import { persist } from "../settlement/persist.ts";
import type { DeliveryRow } from "../store/tables.ts";
import { viewOf } from "../usecases/view.ts";

/** After this many tries the images stay in the member's history, uncharged. */
const maxTries = 10;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;

/** Posts a finished job; the charge and the word that it was posted are one transaction. */
export async function deliver(room: Room, delivery: DeliveryRow): Promise<void> {
  const job = await persist(room, "job to post", () => findJob(room.database.db, delivery.job));
  if (!job) throw new Error(`delivery of a job ${delivery.job} that is not there`);
  const platform = room.platform(job.platform);
  try {
    // Without a platform: it left the configuration a day ago.
    const told = platform ? await post(room, platform, job, delivery) : nowhere;
    if (told) await finish(room, job, delivery, told);
  } finally {
    room.changes.announce(job.id);
  }
}

const nowhere: Delivered = { route: "none" };

/** Undefined when it is to be tried again later, or another process has it now. */
async function post(
  room: Room,
  platform: Pick<Platform, "deliver">,
  job: Job,
  delivery: DeliveryRow,
): Promise<Delivered | undefined> {
  // What is told anew is another message to the platform, and looked for by another nonce.
  const isLate = delivery.route !== null;
  const view = await persist(room, "job to post", () => viewOf(room, job));
  const { spoiler } = await persist(room, "rules", () => rulesOf(room.database.db, job.tenant));
  room.world.reach("before-post");
  if (!(await persist(room, "posting", () => markPosting(room.database, delivery)))) return undefined;
  room.world.reach("posting");
  try {
    return await platform.deliver({
      job: job.state === "delivering" ? { ...view, state: "delivered" } : view,
      place: job.place,
      nonce: isLate ? `${job.id}-2` : job.id,
      repeated: delivery.phase === "sending",
      spoiler,
      earlier: delivery.message ?? undefined,
    });
  } catch (error) {
    return retryLater(room, job, delivery, error);
  }
}

async function finish(room: Room, job: Job, delivery: DeliveryRow, delivered: Delivered): Promise<void> {
  const now = room.world.now();
  room.world.reach("posted");
  const { route, message = null, messages = [] } = delivered;
  const hold = holdOf(job);
  const state = route === "none" ? "undeliverable" : "delivered";
  const ended = await persist(room, "posted", () =>
    room.database.transaction(async (trx) => {
      const told = { route, message, messages, now };
      const [account, mine] = await Promise.all([
        room.credits.open(trx, job.member),
        confirmDelivery(trx, delivery, told),
      ]);
      if (!mine || !(await endDelivering(trx, job.id, state))) return false;
      if (state === "delivered") await room.credits.capture(trx, account, hold, job.charged ?? 0);
      else {
        await room.credits.release(trx, account, hold);
        await bookGoodwill(trx, room.world, { job: job.id, amount: job.charged ?? 0 });
      }
      return true;
    }),
  );
  room.world.reach("delivered");
  room.log.info({ job: job.id, route, message, state: ended ? state : job.state }, "delivered");
  if (!ended) return;
  const charged = state === "delivered" ? (job.charged ?? 0) : 0;
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  room.observer.jobEnded({ platform: job.platform, state, waitedMs, charged });
}

async function retryLater(room: Room, job: Job, delivery: DeliveryRow, error: unknown): Promise<Delivered | undefined> {
  const expected = error instanceof DeliveryDelayed;
  room.log[expected ? "warn" : "error"]({ job: job.id, tries: delivery.tries, err: error }, "not posted yet");
  if (delivery.tries >= maxTries) return nowhere;
  const pause = expected ? error.retryAfterMs : firstPauseMs * 2 ** delivery.tries;
  const runAt = room.world.now() + Math.min(pause, longestPauseMs);
  await persist(room, "posting later", () => postponeDelivery(room.database, delivery, runAt));
  return undefined;
}
