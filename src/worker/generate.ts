import type { Context } from "../context.ts";
import { ProviderError } from "../errors.ts";
import { maxBytesPerImage } from "../images/images.ts";
import { attemptsOf, LeaseLost, type NewAttempt, noteReference, requireLease } from "../jobs/attempts.ts";
import { callbackHash } from "../jobs/callbacks.ts";
import type { Job } from "../jobs/job.ts";
import { callEstimate } from "../providers/pricing.ts";
import type { ProviderEvent } from "../providers/provider.ts";
import { promptForService } from "../request.ts";
import { CallPaused, ReferencesMissing } from "../settlement/call-errors.ts";
import { closeCall, type EndedCall } from "../settlement/close-call.ts";
import { PersistFailed, persist } from "../settlement/persist.ts";
import { completeJob, endWithFailure, type FailedCall, noteCallEnd } from "../settlement/settle.ts";
import type { AttemptRow } from "../store/tables.ts";
import { beforeCall, callContext, previewsOf } from "./call-context.ts";
import { type Callee, callee, calleeOf } from "./callee.ts";
import { resumeCall } from "./resume-call.ts";

/** One paid call: as it is written down, and how to make it or go on with it. */
interface Call {
  readonly attempt: string;
  readonly asked: number;
  /** To be written down before it is sent; undefined when that was done by another process. */
  readonly prepared?: NewAttempt;
  /** The indices of its images; undefined where another process may have kept some. */
  readonly kept?: ReadonlySet<number>;
  start(): AsyncIterable<ProviderEvent>;
  /** Removes what was there only while it ran. */
  clean(): Promise<void>;
}

/** Carries out a claimed job: as many paid calls as its count needs, each written ahead, none of them twice. */
export async function generate(context: Context, job: Job): Promise<void> {
  context.world.checkpoint("claimed");
  context.log.info(
    { job: job.id, provider: job.provider, waitedMs: context.world.now() - job.createdAt },
    "job started",
  );
  context.changes.announce(job.id);
  await runJob(context, job, undefined);
}

/** Goes on with a job whose last call an asynchronous service had taken, or may have, when another process died. */
export async function resume(context: Context, job: Job, attempt: AttemptRow): Promise<void> {
  context.log.info(
    { job: job.id, attempt: attempt.id, reference: attempt.reference },
    "going on with a call after a restart",
  );
  await runJob(context, job, attempt);
}

async function runJob(context: Context, job: Job, earlier: AttemptRow | undefined): Promise<void> {
  const startedAt = context.world.now();
  const under: { call?: FailedCall | undefined } = {};
  try {
    await makeCalls(context, job, earlier, under).catch((error: unknown) => {
      if (error instanceof LeaseLost || error instanceof PersistFailed) throw error;
      return endWithFailure(context, job, under.call, error, context.world.now() - startedAt);
    });
  } catch (error) {
    giveUp(context, job, under.call?.attempt, error);
  } finally {
    context.changes.forget(job.id);
    context.changes.announce(job.id);
    context.wake("posts");
  }
}

async function makeCalls(
  context: Context,
  job: Job,
  earlier: AttemptRow | undefined,
  under: { call?: FailedCall | undefined },
): Promise<void> {
  let left = await imagesLeft(context, job);
  if (left <= 0) return completeJob(context, job, undefined);
  if (earlier) {
    under.call = { attempt: earlier.id };
    left -= earlier.asked;
    await finishCall(context, job, await resumedCall(context, job, earlier), left <= 0);
  }
  while (left > 0) {
    under.call = undefined;
    await requireReferences(context, job);
    const call = newCall(context, job, await callee(context, job), left);
    under.call = call;
    await requireSpace(context, job, call.asked);
    left -= call.asked;
    await finishCall(context, job, call, left <= 0);
  }
}

/** Whatever arrived stays on disk by the id of its call; whoever has the job, or looks for late results, finds it there. */
function giveUp(context: Context, job: Job, attempt: string | undefined, error: unknown): void {
  const facts = { job: job.id, attempt, err: error };
  if (error instanceof LeaseLost) context.log.warn(facts, "the job was taken over or cancelled; what arrived is kept");
  else if (error instanceof PersistFailed)
    context.log.error(facts, "the job is left to recovery; what arrived is kept");
  else throw error;
}

/** Images that no answered call was asked for yet. */
async function imagesLeft(context: Context, job: Job): Promise<number> {
  const attempts = await persist(context, "calls made", () => attemptsOf(context.database.db, job.id));
  const answered = attempts.filter(({ outcome }) => outcome === "success");
  return job.request.count - answered.reduce((sum, { asked }) => sum + asked, 0);
}

function newCall(context: Context, job: Job, { provider, key }: Callee, left: number): Call {
  const id = context.world.id();
  const asked = Math.min(left, provider?.capabilities.maxCount ?? left);
  const secret = provider?.resume && context.callbackUrl ? context.world.secret(32) : undefined;
  const prepared: NewAttempt = {
    id,
    asked,
    callbackHash: secret && callbackHash(secret),
    estimate: provider && callEstimate(provider, job.request, asked),
    tenantKey: key,
    now: context.world.now(),
  };
  const previews = previewsOf(context, id);
  const kept = new Set<number>();
  const start = () => {
    if (!provider) throw goneError(job, "this service or model is not configured any more");
    if (context.router.hasEnded(provider)) throw goneError(job, "this model has ended");
    const callbackUrl = secret && context.callbackUrl?.(secret);
    const beforeSend = () => beforeCall(context, job, prepared);
    const call = callContext(context, job, provider, { attempt: id, beforeSend, callbackUrl, previews, kept });
    return provider.generate({ ...job.request, prompt: promptForService(job.request), count: asked }, call);
  };
  return { attempt: id, asked, prepared, kept, start, clean: previews.remove };
}

function goneError({ provider }: Job, message: string): ProviderError {
  return new ProviderError(provider, "not-sent", message, { refusedFor: "gone" });
}

async function resumedCall(context: Context, job: Job, earlier: AttemptRow): Promise<Call> {
  const previews = previewsOf(context, earlier.id);
  const provider = await calleeOf(context, earlier);
  const start = () => resumeCall(context, job, provider, earlier, previews);
  return { attempt: earlier.id, asked: earlier.asked, start, clean: previews.remove };
}

/** Sees one call to its end: its images on disk, its success written down; and with the last call, the job on its way to be posted. */
async function finishCall(context: Context, job: Job, call: Call, isLast: boolean): Promise<void> {
  const { attempt } = call;
  const startedAt = context.world.now();
  const { reference, cost } = await take(context, job, call).finally(call.clean);
  context.world.checkpoint("answer-read");
  await context.images.finish(attempt);
  context.world.checkpoint("answer-marked");
  const received = await context.images.received(attempt, call.kept && [...call.kept]);
  if (received.images.length === 0) {
    const format = received.foreignFormat;
    const message =
      format === undefined ? "the answer held no readable image" : `the answer held ${format}, and no image`;
    throw new ProviderError(job.provider, "damaged", message, { reference, format });
  }
  const end = { outcome: "success", now: context.world.now(), reference, cost } as const;
  const ended = { attempt, end, received };
  if (isLast) await completeJob(context, job, ended);
  else await closeAnswered(context, job, ended);
  context.world.checkpoint("call-closed");
  const ms = context.world.now() - startedAt;
  context.log.info({ job: job.id, attempt, reference, cost, ms }, "call answered");
  noteCallEnd(context, job, { outcome: "success", ms });
}

async function closeAnswered(context: Context, job: Job, call: EndedCall): Promise<void> {
  await persist(context, "call answered", () =>
    context.database.transaction(async (trx) => {
      await requireLease(trx, job);
      await closeCall(trx, context, job, call);
    }),
  );
}

type Done = Omit<Extract<ProviderEvent, { type: "done" }>, "type">;

async function take(context: Context, job: Job, { attempt, start }: Call): Promise<Done> {
  let done: Done = {};
  for await (const event of start()) {
    switch (event.type) {
      case "accepted":
        await persist(context, "reference", () => noteReference(context.database.db, attempt, event.reference));
        break;
      case "progress":
        context.changes.show(job.id, { percent: event.percent }, context.world.now());
        break;
      case "partial":
        context.changes.show(job.id, { preview: event.path }, context.world.now());
        break;
      case "image":
        context.log.info({ job: job.id, attempt, image: event.index }, "image received");
        context.world.checkpoint("image-kept");
        break;
      case "done":
        done = event;
    }
  }
  return done;
}

/** While the shared storage is out of reach the job waits in the queue, where it holds up nobody, and fails never. */
const storagePauseMs = 15_000;

async function requireReferences(context: Context, job: Job): Promise<void> {
  const { references, mask } = job.request;
  for (const image of mask ? [...references, mask] : references) {
    const there = await context.images.has(image).catch((cause: unknown) => {
      throw new CallPaused("the shared storage cannot be read now", { pauseMs: storagePauseMs, cause });
    });
    if (!there) throw new ReferencesMissing(`reference ${image.file} is gone`);
  }
}

async function requireSpace(context: Context, job: Job, asked: number): Promise<void> {
  if (!(await context.images.hasSpaceFor(maxBytesPerImage * asked))) {
    throw new ProviderError(job.provider, "not-sent", "no room on the disk for the answer");
  }
}
