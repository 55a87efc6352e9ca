import type { Room } from "../context.ts";
import { bookGoodwill } from "../credits/spend.ts";
import { addArtifacts, attemptsOf, LeaseLost, noteReference } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { calledBack, claimFailed, lastCallback, type OpenCall, recentlyGivenUp, releaseFailed } from "../jobs/late.ts";
import { failedToDelivering } from "../jobs/transitions.ts";
import { knowAsBilled } from "../settlement/close-call.ts";
import { persist } from "../settlement/persist.ts";
import { broughtBy, priceOf } from "../settlement/settle.ts";
import type { AttemptRow } from "../store/tables.ts";
import { previewsOf } from "./call-context.ts";
import { follow } from "./resume-call.ts";

/** A failed job that was taken on because images of its call may be there by now. */
export interface LateCall {
  readonly job: Job;
  readonly attempt: string;
}

interface Claim {
  readonly owner: string;
  readonly leaseUntil: number;
}

/** Longer than a frozen process, or one without its database, needs to put what it received on the disk. */
const lookBackMs = 3_600_000;

/** Takes on failed jobs of which a service told something after their call was given up. */
export async function claimCalledBack(room: Room, claim: Claim, wanted: number): Promise<LateCall[]> {
  if (wanted <= 0) return [];
  const calls = await calledBack(room.database.db, room.world.now());
  return take(room, claim, calls.slice(0, wanted));
}

/**
 * Takes on failed jobs whose images are on disk all the same: a process that had lost its lease received them, or one
 * died between receiving them and saying so.
 */
export async function claimReceived(room: Room, claim: Claim): Promise<LateCall[]> {
  const { router, world, images } = room;
  const calls = await recentlyGivenUp(room.database.db, router.names, world.now() - lookBackMs);
  const there: OpenCall[] = [];
  for (const call of calls) {
    const received = await images.received(call.attempt);
    // Until then whoever began to receive it may still go on.
    const timeoutMs = router.get(call.provider)?.timeoutMs ?? 0;
    const whole = received.complete || world.now() >= call.endedAt + timeoutMs;
    if (whole && received.images.length > 0) there.push(call);
  }
  return take(room, claim, there);
}

async function take(room: Room, { owner, leaseUntil }: Claim, calls: readonly OpenCall[]): Promise<LateCall[]> {
  const taken: LateCall[] = [];
  for (const { job: id, attempt } of calls) {
    const job = await claimFailed(room.database.db, id, { now: room.world.now(), owner, leaseUntil });
    if (job) taken.push({ job, attempt });
  }
  return taken;
}

/**
 * Posts the images of a call that was given up, when there are any, in place of the news of its failure: free for the
 * member, who was told so, and at the cost of the house. Never by a paid call, and once: the job leaves `failed` by it.
 */
export async function takeLate(room: Room, { job, attempt: id }: LateCall): Promise<void> {
  const { db } = room.database;
  const attempt = (await attemptsOf(db, job.id)).find((each) => each.id === id);
  if (!attempt) throw new Error(`attempt ${id} is not one of job ${job.id}`);
  const told = await lastCallback(db, id);
  try {
    const { complete, images } = await room.images.received(id);
    if (!complete && (told !== "" || images.length === 0)) await fetchImages(room, job, attempt);
    await deliverFree(room, job, attempt);
  } catch (error) {
    room.log.warn({ job: job.id, attempt: id, err: error }, "no late result");
    if (!(error instanceof LeaseLost)) await persist(room, "no late result", () => releaseFailed(db, job, id, told));
  } finally {
    room.changes.announce(job.id);
    room.wake();
  }
}

async function fetchImages(room: Room, job: Job, attempt: AttemptRow): Promise<void> {
  const provider = room.router.get(attempt.provider);
  if (!provider?.resume) return; // then what is on disk is all there will ever be
  const previews = previewsOf(room, attempt.id);
  for await (const event of follow(room, job, provider, attempt, previews)) {
    if (event.type !== "accepted") continue;
    await persist(room, "reference", () => noteReference(room.database.db, attempt.id, event.reference));
  }
  await room.images.finish(attempt.id);
}

async function deliverFree(room: Room, job: Job, attempt: AttemptRow): Promise<void> {
  const { attempts, artifacts } = await broughtBy(room, job);
  if (artifacts.length === 0) throw new Error("there is no readable image");
  const goodwill = priceOf(room, job, attempts, artifacts);
  const now = room.world.now();
  await persist(room, "late result", () =>
    room.database.transaction(async (trx) => {
      await failedToDelivering(trx, job, now);
      await addArtifacts(trx, job.id, artifacts);
      await knowAsBilled(trx, room, attempt, now);
      await bookGoodwill(trx, room.world, { job: job.id, amount: goodwill });
    }),
  );
  room.log.info(
    { job: job.id, attempt: attempt.id, images: artifacts.length, goodwill },
    "a late result is posted free",
  );
  room.observer.cameLate({ provider: attempt.provider, goodwill });
}
