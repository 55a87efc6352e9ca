import type { Room } from "../context.ts";
import type { Failure } from "../contract/usecases.ts";
import { ProviderError } from "../errors.ts";
import type { Received } from "../images/images.ts";
import { type Artifact, type AttemptEnd, addArtifacts, attemptsOf } from "../jobs/attempts.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { backToQueued, toDelivering, toFailed } from "../jobs/transitions.ts";
import type { Credits } from "../request.ts";
import type { AttemptRow } from "../store/tables.ts";
import { FilesLost, HeldBack } from "./call-errors.ts";
import { closeCall, type EndedCall } from "./close-call.ts";
import { nextTry } from "./next-try.ts";
import { persist } from "./persist.ts";
import { countUnknown } from "./unknown-refunds.ts";

/** What the calls of a job brought goes to delivery, and its price is settled. `last` ended without success. */
export async function endWithImages(room: Room, job: Job, last: EndedCall | undefined): Promise<void> {
  const { attempts, artifacts } = await broughtBy(room, job);
  if (artifacts.length === 0) throw new Error(`the images of job ${job.id} are gone from the disk`);
  const charged = priceOf(room, job, attempts, artifacts);
  const now = room.world.now();
  room.world.reach("before-settle");
  await persist(room, "images received", () =>
    room.database.transaction(async (trx) => {
      await Promise.all([toDelivering(trx, job, charged, now), addArtifacts(trx, job.id, artifacts)]);
      if (last) await closeCall(trx, room, job, last);
    }),
  );
  room.world.reach("settled");
  room.log.info({ job: job.id, images: artifacts.length, charged }, "images received");
}

/** The job did not come to its end: images that arrived all the same are kept and posted; else nothing is charged. */
export async function endWithError(
  room: Room,
  job: Job,
  attempt: string | undefined,
  error: unknown,
  ms: number,
): Promise<void> {
  const failure = describe(error);
  const level = failure.outcome === "bug" ? "error" : "warn";
  room.log[level](
    { job: job.id, provider: job.provider, attempt, outcome: failure.outcome, err: error, ms },
    "call failed",
  );
  report(room, job, error, ms);
  const { attempts, artifacts } = await broughtBy(room, job);
  const last = await endedCall(
    room,
    attempts.find(({ id }) => id === attempt),
    error,
  );
  if (artifacts.length > 0) return endWithImages(room, job, last);
  const next = nextTry(room, job, attempts, error);
  if (!next) return fail(room, job, { ...failure, reference: job.id }, last);
  await persist(room, "back to the queue", () =>
    room.database.transaction(async (trx) => {
      await backToQueued(trx, job, next.runAt, next.route);
      if (last) await closeCall(trx, room, job, last);
    }),
  );
  const service = next.route?.provider ?? job.provider;
  room.log.info(
    { job: job.id, service, inMs: next.runAt - room.world.now() },
    "trying again: nothing was sent or billed",
  );
}

/** Ends a job without images: nothing is charged, the member is told. */
export async function fail(room: Room, job: Job, failure: Failure, last: EndedCall | undefined): Promise<void> {
  const now = room.world.now();
  room.world.reach("before-failure");
  await persist(room, "failed", () =>
    room.database.transaction(async (trx) => {
      const [account] = await Promise.all([
        room.credits.open(trx, job.member),
        toFailed(trx, job, JSON.stringify(failure), now),
      ]);
      if (last) await closeCall(trx, room, job, last);
      await room.credits.release(trx, account, holdOf(job));
    }),
  );
  room.world.reach("failed");
  room.log.info({ job: job.id, outcome: failure.outcome }, "job failed; nothing charged");
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  room.observer.jobEnded({ platform: job.platform, state: "failed", waitedMs, charged: 0 });
  if (last?.end.outcome === "unknown") await countUnknown(room, job, last.attempt);
}

function describe(error: unknown): Pick<Failure, "outcome" | "refusedFor"> {
  if (error instanceof ProviderError) {
    return { outcome: error.outcome, ...(error.refusedFor ? { refusedFor: error.refusedFor } : {}) };
  }
  if (error instanceof HeldBack) return { outcome: "not-sent" };
  return { outcome: error instanceof FilesLost ? "lost-files" : "bug" };
}

async function endedCall(room: Room, attempt: AttemptRow | undefined, error: unknown): Promise<EndedCall | undefined> {
  if (!attempt) return undefined;
  const received = await room.images.received(attempt.id);
  return { attempt: attempt.id, end: endOf(room, attempt, error), received };
}

function endOf(room: Room, { phase }: AttemptRow, error: unknown): AttemptEnd {
  const now = room.world.now();
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProviderError) {
    const { outcome, reference, status, refusedFor } = error;
    return { outcome, reference, status, refusedFor, message, now };
  }
  // A bug may have struck after the call was sent.
  return { outcome: phase === "intent" ? "not-sent" : "unknown", message, now };
}

function report(room: Room, job: Job, error: unknown, ms: number): void {
  if (!(error instanceof ProviderError)) return;
  room.observer.callEnded({ provider: job.provider, outcome: error.outcome, ms });
  room.breakers.ended(job.provider, error);
}

/** The calls of a job, and every image of theirs that is on disk, in the order of the calls. */
export async function broughtBy(
  room: Room,
  job: Job,
): Promise<{ attempts: readonly AttemptRow[]; artifacts: readonly Artifact[] }> {
  const attempts = await persist(room, "calls made", () => attemptsOf(room.database.db, job.id));
  const artifacts: Artifact[] = [];
  for (const { id: attempt } of attempts) {
    const { images }: Received = await room.images.received(attempt);
    for (const { image } of images.toSorted((a, b) => a.index - b.index)) artifacts.push({ attempt, image });
  }
  return { attempts, artifacts };
}

/**
 * Never more than was held, and never for an image that did not arrive: each at the price of its measured pixels, or
 * what its call cost, where the service told less.
 */
export function priceOf(
  room: Room,
  job: Job,
  attempts: readonly AttemptRow[],
  artifacts: readonly Artifact[],
): Credits {
  const sum = attempts.reduce((total, { id, cost, provider: name }) => {
    const provider = room.router.get(name);
    const images = artifacts.filter(({ attempt }) => attempt === id);
    const unit = (artifact: Artifact) =>
      provider ? Math.min(job.unit, room.router.settledUnit(job.request, provider, artifact.image)) : job.unit;
    const byImages = images.reduce((part, image) => part + unit(image), 0);
    return total + (cost === null ? byImages : Math.min(byImages, room.router.withMarkup(cost)));
  }, 0);
  return Math.min(job.held, sum);
}
