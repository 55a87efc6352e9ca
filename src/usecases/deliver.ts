import { confirmDelivery, markPosting, postponeDelivery } from "../jobs/deliveries.ts";
import type { Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { endDelivering } from "../jobs/transitions.ts";
import { type Delivered, DeliveryDelayed } from "../platforms/platform.ts";
import type { DeliveryRow } from "../store/tables.ts";
import type { Room } from "./room.ts";
import { viewOf } from "./view.ts";

/** After this many tries the images stay in the member's history, uncharged. */
const maxTries = 10;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;

/** Posts a finished job; the charge and the word that it was posted are one transaction. */
export async function deliver(room: Room, delivery: DeliveryRow): Promise<void> {
  const job = await findJob(room.database.db, delivery.job);
  if (!job) throw new Error(`delivery of a job ${delivery.job} that is not there`);
  const platform = room.platform(job.platform);
  if (!platform) return finish(room, job, delivery, { route: "none" }); // it left the configuration a day ago
  if (!(await markPosting(room.database, delivery))) return;
  const view = await viewOf(room, job);
  try {
    const delivered = await platform.deliver({
      job: job.state === "delivering" ? { ...view, state: "delivered" } : view,
      place: job.place,
      nonce: job.id,
      repeated: delivery.phase === "sending",
    });
    await finish(room, job, delivery, delivered);
  } catch (error) {
    await retryLater(room, job, delivery, error);
  } finally {
    room.changes.announce(job.id);
  }
}

async function finish(room: Room, job: Job, delivery: DeliveryRow, delivered: Delivered): Promise<void> {
  const now = room.world.now();
  const { route, message = null } = delivered;
  const hold = { job: job.id, member: job.member, amount: job.held, at: job.createdAt };
  const state = route === "none" ? "undeliverable" : "delivered";
  const ended = await room.database.transaction(async (trx) => {
    if (!(await confirmDelivery(trx, delivery, { route, message, now }))) return false;
    if (!(await endDelivering(trx, job.id, state))) return false;
    if (state === "delivered") await room.credits.capture(trx, hold, job.charged ?? 0);
    else await room.credits.release(trx, hold);
    return true;
  });
  room.log.info({ job: job.id, route, message, state: ended ? state : job.state }, "delivered");
  if (!ended) return;
  const charged = state === "delivered" ? (job.charged ?? 0) : 0;
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  room.observer.jobEnded({ platform: job.platform, state, waitedMs, charged });
}

async function retryLater(room: Room, job: Job, delivery: DeliveryRow, error: unknown): Promise<void> {
  const expected = error instanceof DeliveryDelayed;
  room.log[expected ? "warn" : "error"]({ job: job.id, tries: delivery.tries, err: error }, "not posted yet");
  if (delivery.tries >= maxTries) return finish(room, job, delivery, { route: "none" });
  const pause = expected ? error.retryAfterMs : firstPauseMs * 2 ** delivery.tries;
  await postponeDelivery(room.database, delivery, room.world.now() + Math.min(pause, longestPauseMs));
}
