import { ProviderError } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { type AttemptEnd, addArtifacts, attemptsOf, endAttempt } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { backToQueued, toDelivering, toFailed } from "../jobs/transitions.ts";
import type { Credits } from "../request.ts";
import type { Room } from "./room.ts";
import type { Failure } from "./usecases.ts";

/** Paid calls that provably were not made, or that the service put off, are tried this often in all. */
const maxTries = 3;
const retryAfterMs = 2000;
/** A service that asks for more patience than this is treated as declining. */
const maxPatienceMs = 120_000;

/** A reference of the job is not on disk any more. */
export class FilesLost extends Error {}

/** The call was answered: its images go to delivery, and the price is settled on their measured pixels. */
export async function endWithImages(
  room: Room,
  job: Job,
  attempt: string,
  call: { reference?: string | undefined; ms: number },
): Promise<void> {
  const { images } = await room.images.received(attempt);
  const ordered = images.toSorted((a, b) => a.index - b.index).map(({ image }) => image);
  if (ordered.length === 0) {
    throw new ProviderError(job.provider, "damaged", "the answer held no readable image", {
      reference: call.reference,
    });
  }
  const now = room.world.now();
  const charged = priceOf(room, job, ordered);
  await room.database.transaction(async (trx) => {
    await toDelivering(trx, job, charged, now);
    await endAttempt(trx, attempt, { outcome: "success", now, reference: call.reference });
    await addArtifacts(trx, job.id, attempt, ordered);
  });
  room.log.info(
    { job: job.id, attempt, images: ordered.length, charged, ms: call.ms, reference: call.reference },
    "images received",
  );
  room.observer.callEnded({ provider: job.provider, outcome: "success", ms: call.ms });
}

/** The call did not end in an answer: images that arrived whole all the same are kept and posted; else nothing is charged. */
export async function endWithError(room: Room, job: Job, attempt: string, error: unknown, ms: number): Promise<void> {
  const end = describe(error);
  room.log[end.outcome === "bug" ? "error" : "warn"](
    { job: job.id, attempt, outcome: end.outcome, err: error, ms },
    "call failed",
  );
  if (end.outcome !== "bug" && end.outcome !== "lost-files") {
    room.observer.callEnded({ provider: job.provider, outcome: end.outcome, ms });
  }
  if ((await room.images.received(attempt)).images.length > 0) return endWithImages(room, job, attempt, { ms });
  const runAt = await nextTry(room, job, error);
  const attemptEnd: AttemptEnd = {
    outcome: end.outcome === "bug" ? "unknown" : end.outcome === "lost-files" ? "not-sent" : end.outcome,
    now: room.world.now(),
    message: error instanceof Error ? error.message : String(error),
    ...(error instanceof ProviderError ? { reference: error.reference, status: error.status } : {}),
  };
  if (runAt !== undefined) return requeue(room, job, attempt, attemptEnd, runAt);
  await fail(room, job, { ...end, reference: job.id }, { id: attempt, end: attemptEnd });
}

/** Ends a job without images: nothing is charged, the member is told. */
export async function fail(
  room: Room,
  job: Job,
  failure: Failure,
  attempt: { id: string; end: AttemptEnd } | undefined,
): Promise<void> {
  const now = room.world.now();
  await room.database.transaction(async (trx) => {
    await toFailed(trx, job, JSON.stringify(failure), now);
    if (attempt) await endAttempt(trx, attempt.id, attempt.end);
    await room.credits.release(trx, { job: job.id, member: job.member, amount: job.held, at: job.createdAt });
  });
  room.log.info({ job: job.id, outcome: failure.outcome }, "job failed; nothing charged");
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  room.observer.jobEnded({ platform: job.platform, state: "failed", waitedMs, charged: 0 });
}

async function requeue(room: Room, job: Job, attempt: string, end: AttemptEnd, runAt: number): Promise<void> {
  await room.database.transaction(async (trx) => {
    await backToQueued(trx, job, runAt);
    await endAttempt(trx, attempt, end);
  });
  room.log.info({ job: job.id, inMs: runAt - room.world.now() }, "trying again: nothing was sent or billed");
}

/** When the job may be tried again by itself; undefined when it must not be. */
async function nextTry(room: Room, job: Job, error: unknown): Promise<number | undefined> {
  if (!(error instanceof ProviderError)) return undefined;
  const putOff = error.outcome === "refused" && error.refusedFor === "rate";
  if (error.outcome !== "not-sent" && !putOff) return undefined;
  const tries = (await attemptsOf(room.database.db, job.id)).length;
  const pause = error.retryAfterMs ?? retryAfterMs * 2 ** (tries - 1);
  return tries < maxTries && pause <= maxPatienceMs ? room.world.now() + pause : undefined;
}

function describe(error: unknown): Pick<Failure, "outcome" | "refusedFor"> {
  if (error instanceof ProviderError) {
    return { outcome: error.outcome, ...(error.refusedFor ? { refusedFor: error.refusedFor } : {}) };
  }
  return { outcome: error instanceof FilesLost ? "lost-files" : "bug" };
}

/** Never more than was quoted; less when fewer or smaller images came than were asked for. */
function priceOf(room: Room, job: Job, images: readonly StoredImage[]): Credits {
  const provider = room.router.get(job.provider);
  const unit = (image: StoredImage) =>
    provider ? Math.min(job.unit, room.router.settledUnit(job.request, provider, image)) : job.unit;
  return Math.min(
    job.held,
    images.reduce((sum, image) => sum + unit(image), 0),
  );
}
