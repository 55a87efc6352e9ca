import type { Room } from "../context.ts";
import { ProviderError } from "../errors.ts";
import { roomPerImage } from "../images/images.ts";
import { attemptsOf, beginAttempt, LeaseLost, noteReference, requireLease } from "../jobs/attempts.ts";
import { callbackHash } from "../jobs/callbacks.ts";
import type { Job } from "../jobs/job.ts";
import type { Provider, ProviderEvent } from "../providers/provider.ts";
import { FilesLost } from "../settlement/call-errors.ts";
import { closeCall } from "../settlement/close-call.ts";
import { NotWritten, persist } from "../settlement/persist.ts";
import { endWithError, endWithImages } from "../settlement/settle.ts";
import type { AttemptRow } from "../store/tables.ts";
import { callContext, previewsOf } from "./call-context.ts";
import { follow } from "./resume-call.ts";

/** One paid call: as it is written down, and how to make it or go on with it. */
interface Call {
  readonly attempt: string;
  readonly asked: number;
  start(): AsyncIterable<ProviderEvent>;
  /** Removes what was there only while it ran. */
  clean(): Promise<void>;
}

/** Carries out a claimed job: as many paid calls as its count needs, each written ahead, none of them twice. */
export async function generate(room: Room, job: Job): Promise<void> {
  room.world.reach("claimed");
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
  const startedAt = room.world.now();
  const under: { call?: string | undefined } = {};
  try {
    await makeCalls(room, job, earlier, under).catch((error: unknown) => {
      if (error instanceof LeaseLost || error instanceof NotWritten) throw error;
      return endWithError(room, job, under.call, error, room.world.now() - startedAt);
    });
  } catch (error) {
    giveUp(room, job, under.call, error);
  } finally {
    room.changes.forget(job.id);
    room.changes.announce(job.id);
    room.wake();
  }
}

async function makeCalls(
  room: Room,
  job: Job,
  earlier: AttemptRow | undefined,
  under: { call?: string | undefined },
): Promise<void> {
  const provider = room.router.get(job.provider);
  if (earlier) {
    under.call = earlier.id;
    await finishCall(room, job, resumedCall(room, job, provider, earlier));
  }
  for (let left = await imagesLeft(room, job); left > 0; left = await imagesLeft(room, job)) {
    const call = await newCall(room, job, provider, left);
    under.call = call.attempt;
    await requireFiles(room, job, call.asked);
    await finishCall(room, job, call);
  }
  under.call = undefined; // all of them are written down as answered
  await endWithImages(room, job, undefined);
}

/** Whatever arrived stays on disk by the id of its call; whoever has the job, or looks for late results, finds it there. */
function giveUp(room: Room, job: Job, attempt: string | undefined, error: unknown): void {
  const facts = { job: job.id, attempt, err: error };
  if (error instanceof LeaseLost) room.log.warn(facts, "the job was taken over or cancelled; what arrived is kept");
  else if (error instanceof NotWritten) room.log.error(facts, "the job is left to recovery; what arrived is kept");
  else throw error;
}

/** Images that no answered call was asked for yet. */
async function imagesLeft(room: Room, job: Job): Promise<number> {
  const attempts = await persist(room, "calls made", () => attemptsOf(room.database.db, job.id));
  const answered = attempts.filter(({ outcome }) => outcome === "success");
  return job.request.count - answered.reduce((sum, { asked }) => sum + asked, 0);
}

async function newCall(room: Room, job: Job, provider: Provider | undefined, left: number): Promise<Call> {
  const id = room.world.id();
  const asked = Math.min(left, provider?.capabilities.maxCount ?? left);
  const secret = provider?.resume && room.callbackUrl ? room.world.secret(32) : undefined;
  const attempt = {
    id,
    asked,
    callbackHash: secret && callbackHash(secret),
    estimate: provider && provider.price(job.request) * asked,
    now: room.world.now(),
  };
  await persist(room, "call prepared", () => room.database.transaction((trx) => beginAttempt(trx, job, attempt)));
  room.world.reach("call-prepared");
  const previews = previewsOf(room, id);
  const start = () => {
    if (!provider) throw new ProviderError(job.provider, "not-sent", "this service is not configured any more");
    const callbackUrl = secret && room.callbackUrl?.(secret);
    const context = callContext(room, job, provider, { attempt: id, callbackUrl, previews });
    return provider.generate({ ...job.request, count: asked }, context);
  };
  return { attempt: id, asked, start, clean: previews.remove };
}

function resumedCall(room: Room, job: Job, provider: Provider | undefined, earlier: AttemptRow): Call {
  const previews = previewsOf(room, earlier.id);
  const start = () => follow(room, job, provider, earlier, previews);
  return { attempt: earlier.id, asked: earlier.asked, start, clean: previews.remove };
}

/** Sees one call to its end: its images on disk, its success written down. */
async function finishCall(room: Room, job: Job, call: Call): Promise<void> {
  const { attempt } = call;
  const startedAt = room.world.now();
  const { reference, cost } = await take(room, job, call).finally(call.clean);
  room.world.reach("answer-read");
  await room.images.finish(attempt);
  room.world.reach("answer-marked");
  const received = await room.images.received(attempt);
  if (received.images.length === 0) {
    throw new ProviderError(job.provider, "damaged", "the answer held no readable image", { reference });
  }
  const end = { outcome: "success", now: room.world.now(), reference, cost } as const;
  await persist(room, "call answered", () =>
    room.database.transaction(async (trx) => {
      await requireLease(trx, job);
      await closeCall(trx, room, job, { attempt, end, received });
    }),
  );
  room.world.reach("call-closed");
  const ms = room.world.now() - startedAt;
  room.log.info({ job: job.id, attempt, reference, cost, ms }, "call answered");
  room.observer.callEnded({ provider: job.provider, outcome: "success", ms });
  room.breakers.ended(job.provider, undefined);
}

type Done = Omit<Extract<ProviderEvent, { type: "done" }>, "type">;

async function take(room: Room, job: Job, { attempt, start }: Call): Promise<Done> {
  let done: Done = {};
  for await (const event of start()) {
    switch (event.type) {
      case "accepted":
        await persist(room, "reference", () => noteReference(room.database.db, attempt, event.reference));
        break;
      case "progress":
        room.changes.show(job.id, { percent: event.percent }, room.world.now());
        break;
      case "partial":
        room.changes.show(job.id, { preview: event.path }, room.world.now());
        break;
      case "image":
        room.log.info({ job: job.id, attempt, image: event.index }, "image received");
        room.world.reach("image-kept");
        break;
      case "done":
        done = event;
    }
  }
  return done;
}

async function requireFiles(room: Room, job: Job, asked: number): Promise<void> {
  const { references, mask } = job.request;
  for (const image of mask ? [...references, mask] : references) {
    const there = await room.images.has(image).catch((cause: unknown) => {
      throw new ProviderError(job.provider, "not-sent", "the shared storage cannot be read now", { cause });
    });
    if (!there) throw new FilesLost(`reference ${image.file} is gone`);
  }
  if (!(await room.images.hasRoom(roomPerImage * asked))) {
    throw new ProviderError(job.provider, "not-sent", "no room on the disk for the answer");
  }
}
