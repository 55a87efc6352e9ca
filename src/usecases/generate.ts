import { ProviderError } from "../errors.ts";
import { attemptsOf, beginAttempt, endAttempt, LeaseLost, noteReference, requireLease } from "../jobs/attempts.ts";
import { callbackHash } from "../jobs/callbacks.ts";
import type { Job } from "../jobs/job.ts";
import type { Provider, ProviderEvent } from "../providers/provider.ts";
import type { AttemptRow } from "../store/tables.ts";
import { callContext } from "./call-context.ts";
import { FilesLost } from "./files-lost.ts";
import type { Room } from "./room.ts";
import { endWithError, endWithImages } from "./settle.ts";
import { roomPerImage } from "./submit.ts";

/** One paid call: as it is written down, and how to make it or go on with it. */
interface Call {
  readonly attempt: string;
  readonly asked: number;
  start(): AsyncIterable<ProviderEvent>;
}

/** Carries out a claimed job: as many paid calls as its count needs, each written ahead, none of them twice. */
export async function generate(room: Room, job: Job): Promise<void> {
  room.log.info({ job: job.id, provider: job.provider, waitedMs: room.world.now() - job.createdAt }, "job started");
  room.changes.announce(job.id);
  await carryOut(room, job, undefined);
}

/** Goes on with a job whose last call an asynchronous service had taken, or may have, when another process died. */
export async function resume(room: Room, job: Job, attempt: AttemptRow): Promise<void> {
  room.log.info(
    { job: job.id, attempt: attempt.id, reference: attempt.reference },
    "going on with a call after a restart",
  );
  await carryOut(room, job, attempt);
}

async function carryOut(room: Room, job: Job, earlier: AttemptRow | undefined): Promise<void> {
  let call: Call | undefined;
  const startedAt = room.world.now();
  try {
    const provider = room.router.get(job.provider);
    if (earlier) {
      call = resumedCall(room, job, provider, earlier);
      await finishCall(room, job, call);
    }
    for (let left = await imagesLeft(room, job); left > 0; left = await imagesLeft(room, job)) {
      call = await newCall(room, job, provider, left);
      await finishCall(room, job, call);
    }
    call = undefined; // all of them are written down as answered
    await endWithImages(room, job, undefined);
  } catch (error) {
    if (error instanceof LeaseLost) {
      room.log.warn({ job: job.id, attempt: call?.attempt }, "another process took the job over; its result is kept");
    } else await endWithError(room, job, call?.attempt, error, room.world.now() - startedAt);
  } finally {
    room.changes.announce(job.id);
    room.wake();
  }
}

/** Images that no answered call was asked for yet. */
async function imagesLeft(room: Room, job: Job): Promise<number> {
  const attempts = await attemptsOf(room.database.db, job.id);
  const answered = attempts.filter(({ outcome }) => outcome === "success");
  return job.request.count - answered.reduce((sum, { asked }) => sum + asked, 0);
}

async function newCall(room: Room, job: Job, provider: Provider | undefined, left: number): Promise<Call> {
  const attempt = room.world.id();
  const asked = Math.min(left, provider?.capabilities.maxCount ?? left);
  const secret = provider?.resume && room.callbackUrl ? room.world.secret(32) : undefined;
  await room.database.transaction((trx) =>
    beginAttempt(trx, job, {
      id: attempt,
      asked,
      callbackHash: secret && callbackHash(secret),
      now: room.world.now(),
    }),
  );
  const start = () => {
    if (!provider) throw new ProviderError(job.provider, "not-sent", "this service is not configured any more");
    const callbackUrl = secret && room.callbackUrl?.(secret);
    return provider.generate(
      { ...job.request, count: asked },
      callContext(room, job, provider, { attempt, callbackUrl }),
    );
  };
  return { attempt, asked, start };
}

function resumedCall(room: Room, job: Job, provider: Provider | undefined, earlier: AttemptRow): Call {
  const { id: attempt, asked } = earlier;
  const start = () => {
    if (!provider?.resume) throw new ProviderError(job.provider, "unknown", "this service cannot go on with a call");
    const callbackUrl = earlier.callback_hash === null ? undefined : "";
    const accepted = { reference: earlier.reference ?? undefined, sentAt: earlier.sent_at ?? earlier.created_at };
    const context = callContext(room, job, provider, { attempt, callbackUrl });
    return provider.resume(accepted, { ...job.request, count: asked }, context);
  };
  return { attempt, asked, start };
}

/** Sees one call to its end: its images on disk, its success written down. */
async function finishCall(room: Room, job: Job, call: Call): Promise<void> {
  const { attempt } = call;
  const startedAt = room.world.now();
  await requireFiles(room, job, call.asked);
  let done: Extract<ProviderEvent, { type: "done" }> | undefined;
  for await (const event of call.start()) {
    if (event.type === "accepted") await noteReference(room.database.db, attempt, event.reference);
    if (event.type === "image") room.log.info({ job: job.id, attempt, image: event.index }, "image received");
    if (event.type === "done") done = event;
  }
  await room.images.finish(attempt);
  if ((await room.images.received(attempt)).images.length === 0) {
    throw new ProviderError(job.provider, "damaged", "the answer held no readable image", {
      reference: done?.reference,
    });
  }
  const { reference, cost } = done ?? {};
  await room.database.transaction(async (trx) => {
    await requireLease(trx, job);
    await endAttempt(trx, attempt, { outcome: "success", now: room.world.now(), reference, cost });
  });
  const ms = room.world.now() - startedAt;
  room.log.info({ job: job.id, attempt, reference, cost, ms }, "call answered");
  room.observer.callEnded({ provider: job.provider, outcome: "success", ms });
  room.breakers.ended(job.provider, undefined);
}

async function requireFiles(room: Room, job: Job, asked: number): Promise<void> {
  const { references, mask } = job.request;
  for (const image of mask ? [...references, mask] : references) {
    if (!(await room.images.has(image))) throw new FilesLost(`reference ${image.file} is gone`);
  }
  if (!(await room.images.hasRoom(roomPerImage * asked))) {
    throw new ProviderError(job.provider, "not-sent", "no room on the disk for the answer");
  }
}
