import { createHash } from "node:crypto";
import type { Context } from "../context.ts";
import { ProviderError } from "../errors.ts";
import type { PreviewSink } from "../image.ts";
import { type NewAttempt, writeAhead } from "../jobs/attempts.ts";
import { nextCallback } from "../jobs/callbacks.ts";
import type { Job } from "../jobs/job.ts";
import { paused } from "../policy/rules.ts";
import type { Callback, CallContext, Provider } from "../providers/provider.ts";
import { CallPaused } from "../settlement/call-errors.ts";
import { persist } from "../settlement/persist.ts";
import { lockTenantKey } from "../store/tenant-keys.ts";

/** Unfinished images of one call. */
export interface Previews {
  open(index: number): Promise<PreviewSink>;
  /** The call has ended, and with it their time. */
  remove(): Promise<void>;
}

export interface ContextOfCall {
  readonly attempt: string;
  beforeSend(): Promise<void>;
  /** "" when the call goes on after a restart. */
  readonly callbackUrl: string | undefined;
  readonly previews: Previews;
  /** The indices of the images that were kept are added to it. */
  readonly kept?: Set<number>;
}

/** Makes the context of one paid call for the adapter of a service. */
export function callContext(context: Context, job: Job, provider: Provider, call: ContextOfCall): CallContext {
  const { attempt, beforeSend, callbackUrl, previews, kept } = call;
  const signal = AbortSignal.timeout(provider.timeoutMs);
  return {
    signal,
    attempt,
    endUser: createHash("sha256").update(`atelier:${job.member}`).digest("hex").slice(0, 32),
    callback: callbackUrl === undefined ? undefined : callbackOf(context, attempt, callbackUrl),
    beforeSend,
    async openImage(index) {
      const sink = await context.images.openResult(attempt, index);
      return { ...sink, commit: () => sink.commit().then(() => void kept?.add(index)) };
    },
    openPreview: (index) => previews.open(index),
    pathOf: (image) => context.images.pathOf(image),
    download: async (url, sink) => {
      try {
        await context.images.download(url, sink, signal);
      } catch (cause) {
        throw new ProviderError(provider.name, "damaged", "a result URL could not be downloaded", { cause });
      }
    },
  };
}

/**
 * Comes right before the first byte of a paid call. Throws LeaseLost when the job is not ours any more (or was cancelled),
 * CallPaused when nothing may be sent now.
 */
export async function beforeCall(context: Context, job: Job, attempt: NewAttempt): Promise<void> {
  context.world.checkpoint("before-write-ahead");
  await persist(context, "about to send", async () => {
    if (await paused(context)) throw new CallPaused("paused: the call was not sent");
    await context.database.transaction(async (trx) => {
      await writeAhead(trx, job, attempt, context.world.now());
      if (attempt.tenantKey !== undefined && !(await lockTenantKey(trx, attempt.tenantKey)))
        throw new CallPaused("the key was removed", { pauseMs: 0 });
    });
  });
  context.world.checkpoint("write-ahead");
  context.log.info({ job: job.id, provider: job.provider, attempt: attempt.id }, "sending to the service");
}

export function previewsOf(context: Context, attempt: string): Previews {
  const opened: PreviewSink[] = [];
  return {
    async open(index) {
      const sink = await context.images.openPreview(attempt, index);
      opened.push(sink);
      return sink;
    },
    async remove() {
      for (const sink of opened.splice(0)) {
        await sink.discard().catch((error: unknown) => context.log.warn({ err: error, attempt }, "a preview stays"));
      }
    },
  };
}
/** Callbacks may arrive at another process: they come by way of the database, and are looked for this often. */
const lookAgainMs = 2000;

function callbackOf(context: Context, attempt: string, url: string): Callback {
  let seen = "";
  return {
    url,
    async next(ms, signal) {
      const until = context.world.now() + ms;
      while (!signal.aborted) {
        const round = new AbortController();
        const stop = AbortSignal.any([signal, round.signal]);
        const arrived = context.changes.next(attempt, stop); // before looking: none must be missed
        const callback = await nextCallback(context.database.db, attempt, seen);
        const left = until - context.world.now();
        if (!callback && left > 0)
          await Promise.race([arrived, context.world.sleep(Math.min(left, lookAgainMs), stop)]);
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
