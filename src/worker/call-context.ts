import { createHash } from "node:crypto";
import type { Room } from "../context.ts";
import { ProviderError } from "../errors.ts";
import type { PreviewSink } from "../image.ts";
import { markSending } from "../jobs/attempts.ts";
import { nextCallback } from "../jobs/callbacks.ts";
import type { Job } from "../jobs/job.ts";
import { paused } from "../policy/rules.ts";
import type { Callback, CallContext, Provider } from "../providers/provider.ts";
import { HeldBack } from "../settlement/call-errors.ts";
import { persist } from "../settlement/persist.ts";

/** Unfinished images of one call. */
export interface Previews {
  open(index: number): Promise<PreviewSink>;
  /** The call has ended, and with it their time. */
  remove(): Promise<void>;
}

/** What the adapter of a service is given for one paid call. `callbackUrl` is "" when the call goes on after a restart. */
export function callContext(
  room: Room,
  job: Job,
  provider: Provider,
  call: { attempt: string; callbackUrl: string | undefined; previews: Previews },
): CallContext {
  const { attempt, callbackUrl, previews } = call;
  const signal = AbortSignal.timeout(provider.timeoutMs);
  return {
    signal,
    attempt,
    endUser: createHash("sha256").update(`atelier:${job.member}`).digest("hex").slice(0, 32),
    callback: callbackUrl === undefined ? undefined : callbackOf(room, attempt, callbackUrl),
    beforeSend: async () => {
      room.world.reach("before-write-ahead");
      await persist(room, "about to send", () => writeAhead(room, job, attempt));
      room.world.reach("write-ahead");
      room.log.info({ job: job.id, provider: provider.name, attempt }, "sending to the service");
    },
    openImage: (index) => room.images.openResult(attempt, index),
    openPreview: (index) => previews.open(index),
    pathOf: (image) => room.images.pathOf(image),
    download: async (url, sink) => {
      try {
        await room.images.download(url, sink, signal);
      } catch (cause) {
        throw new ProviderError(provider.name, "damaged", "a result URL could not be downloaded", { cause });
      }
    },
  };
}

/** Throws LeaseLost when the job is not ours any more (or was cancelled), HeldBack when nothing may be sent now. */
async function writeAhead(room: Room, job: Job, attempt: string): Promise<void> {
  if (await paused(room)) throw new HeldBack("paused: the call was not sent");
  await room.database.transaction((trx) => markSending(trx, job, attempt, room.world.now()));
}

export function previewsOf(room: Room, attempt: string): Previews {
  const opened: PreviewSink[] = [];
  return {
    async open(index) {
      const sink = await room.images.openPreview(attempt, index);
      opened.push(sink);
      return sink;
    },
    async remove() {
      for (const sink of opened.splice(0)) {
        await sink.discard().catch((error: unknown) => room.log.warn({ err: error, attempt }, "a preview stays"));
      }
    },
  };
}
/** Callbacks may arrive at another process: they come by way of the database, and are looked for this often. */
const lookAgainMs = 2000;

function callbackOf(room: Room, attempt: string, url: string): Callback {
  let seen = "";
  return {
    url,
    async next(ms, signal) {
      const until = room.world.now() + ms;
      while (!signal.aborted) {
        const round = new AbortController();
        const stop = AbortSignal.any([signal, round.signal]);
        const arrived = room.changes.next(attempt, stop); // before looking: none must be missed
        const callback = await nextCallback(room.database.db, attempt, seen);
        const left = until - room.world.now();
        if (!callback && left > 0) await Promise.race([arrived, room.world.sleep(Math.min(left, lookAgainMs), stop)]);
        round.abort();
        if (callback) {
          seen = callback.id;
          return parsed(callback.body);
        }
        if (left <= 0) return undefined;
      }
      return undefined;
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // still a hint that something happened
  }
}
