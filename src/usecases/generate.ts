import { createHash } from "node:crypto";
import { ProviderError } from "../errors.ts";
import { beginAttempt, LeaseLost, markSending, noteReference } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import type { CallContext, Provider } from "../providers/provider.ts";
import type { Log } from "../world.ts";
import type { Room } from "./room.ts";
import { endWithError, endWithImages, FilesLost } from "./settle.ts";
import { roomPerImage } from "./submit.ts";

/** Carries out a claimed job: one paid call at most, written ahead; its images are on disk before the job moves on. */
export async function generate(room: Room, job: Job): Promise<void> {
  const log = room.log.child({ job: job.id, provider: job.provider });
  const attempt = room.world.id();
  log.info({ waitedMs: room.world.now() - job.createdAt }, "job started");
  room.changes.announce(job.id);
  const startedAt = room.world.now();
  try {
    const reference = await call(room, job, attempt, log);
    await endWithImages(room, job, attempt, { reference, ms: room.world.now() - startedAt });
  } catch (error) {
    if (error instanceof LeaseLost)
      return log.warn({ attempt }, "another process took the job over; its result is kept");
    await endWithError(room, job, attempt, error, room.world.now() - startedAt);
  } finally {
    room.changes.announce(job.id);
    room.wake();
  }
}

async function call(room: Room, job: Job, attempt: string, log: Log): Promise<string | undefined> {
  await room.database.transaction((trx) => beginAttempt(trx, job, { id: attempt, now: room.world.now() }));
  const provider = room.router.get(job.provider);
  if (!provider) throw new ProviderError(job.provider, "not-sent", "this service is not configured any more");
  await requireFiles(room, job);
  let reference: string | undefined;
  for await (const event of provider.generate(job.request, contextOf(room, job, provider, attempt, log))) {
    if (event.type === "accepted") await noteReference(room.database.db, attempt, event.reference);
    if (event.type === "image") log.info({ attempt, image: event.index }, "image received");
    if (event.type === "done") reference = event.reference;
  }
  await room.images.finish(attempt);
  return reference;
}

async function requireFiles(room: Room, job: Job): Promise<void> {
  const { references, mask, count } = job.request;
  for (const image of mask ? [...references, mask] : references) {
    if (!(await room.images.has(image))) throw new FilesLost(`reference ${image.file} is gone`);
  }
  if (!(await room.images.hasRoom(roomPerImage * count))) {
    throw new ProviderError(job.provider, "not-sent", "no room on the disk for the answer");
  }
}

function contextOf(room: Room, job: Job, provider: Provider, attempt: string, log: Log): CallContext {
  const signal = AbortSignal.timeout(provider.timeoutMs);
  return {
    signal,
    attempt,
    endUser: createHash("sha256").update(`atelier:${job.member}`).digest("hex").slice(0, 32),
    beforeSend: async () => {
      await room.database.transaction((trx) => markSending(trx, job, attempt, room.world.now()));
      log.info({ attempt }, "sending to the service");
    },
    openImage: (index) => room.images.openResult(attempt, index),
    pathOf: (image) => room.images.pathOf(image),
    download: async (url, sink) => {
      try {
        await room.images.download(url, sink, signal);
      } catch (cause) {
        throw new ProviderError(job.provider, "damaged", "a result URL could not be downloaded", { cause });
      }
    },
  };
}
