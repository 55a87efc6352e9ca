import type { Context } from "../context.ts";
import type { Failure } from "../contract/usecases.ts";
import { type Outcome, ProviderError, type RefusedFor } from "../errors.ts";
import {
  type Artifact,
  type AttemptEnd,
  addArtifacts,
  attemptsOf,
  type NewAttempt,
  noteUnsent,
} from "../jobs/attempts.ts";
import { holdOf, type Job } from "../jobs/job.ts";
import { backToQueued, toDelivering, toFailed } from "../jobs/transitions.ts";
import type { Credits } from "../request.ts";
import type { AttemptRow } from "../store/tables.ts";
import { CallPaused, ReferencesMissing } from "./call-errors.ts";
import { closeCall, type EndedCall } from "./close-call.ts";
import { nextTry } from "./next-try.ts";
import { persist } from "./persist.ts";
import { countUnknown } from "./unpaid.ts";

/** Sends the results of a job to delivery, settles its price, and closes its last call unless that was done before: in one transaction. */
export async function completeJob(context: Context, job: Job, last: EndedCall | undefined): Promise<void> {
  const { attempts, artifacts } = await loadResults(context, job, last);
  if (artifacts.length === 0) throw new Error(`the images of job ${job.id} are gone from the disk`);
  const charged = settlementPrice(context, job, attempts, artifacts);
  const now = context.world.now();
  context.world.checkpoint("before-settle");
  await persist(context, "images received", () =>
    context.database.transaction(async (trx) => {
      await Promise.all([toDelivering(trx, job, charged, now), addArtifacts(trx, job.id, artifacts)]);
      if (last) await closeCall(trx, context, job, last);
    }),
  );
  context.world.checkpoint("settled");
  context.log.info({ job: job.id, images: artifacts.length, charged }, "images received");
}

/** The call under way when something failed. */
export interface FailedCall {
  readonly attempt: string;
  /** It is to be written down, unless that was done before. */
  readonly prepared?: NewAttempt;
}

/** The job did not come to its end: images that arrived all the same are kept and posted; else nothing is charged. */
export async function endWithFailure(
  context: Context,
  job: Job,
  call: FailedCall | undefined,
  error: unknown,
  ms: number,
): Promise<void> {
  const failure = failureOf(error, job);
  const level = failure.outcome === "bug" ? "error" : "warn";
  context.log[level](
    { job: job.id, provider: job.provider, attempt: call?.attempt, outcome: failure.outcome, err: error, ms },
    "call failed",
  );
  observeEnd(context, job, error, ms);
  const { attempts, artifacts } = await loadFailed(context, job, call);
  const last = await endedCall(
    context,
    attempts.find(({ id }) => id === call?.attempt),
    error,
  );
  if (artifacts.length > 0) return completeJob(context, job, last);
  const next = await nextTry(context, job, attempts, error);
  if (!next) return failJob(context, job, { ...failure, reference: job.id }, last);
  await persist(context, "back to the queue", () =>
    context.database.transaction(async (trx) => {
      await backToQueued(trx, job, next.runAt, next.route);
      if (last) await closeCall(trx, context, job, last);
    }),
  );
  const service = next.route?.provider ?? job.provider;
  context.log.info(
    { job: job.id, service, inMs: next.runAt - context.world.now() },
    "trying again: nothing was sent or billed",
  );
}

/** The results so far; a call that failed before its write-ahead is one of the calls from now on. */
async function loadFailed(context: Context, job: Job, call: FailedCall | undefined): Promise<Results> {
  const results = await loadResults(context, job);
  const unsent = call?.prepared;
  if (!unsent || results.attempts.some(({ id }) => id === unsent.id)) return results;
  await persist(context, "call not sent", () => context.database.transaction((trx) => noteUnsent(trx, job, unsent)));
  return loadResults(context, job);
}

/** Ends a job without images: nothing is charged, the member is told. */
export async function failJob(
  context: Context,
  job: Job,
  failure: Failure,
  last: EndedCall | undefined,
): Promise<void> {
  const now = context.world.now();
  const isUnknown = last?.end.outcome === "unknown";
  context.world.checkpoint("before-failure");
  await persist(context, "failed", () =>
    context.database.transaction(async (trx) => {
      const [account] = await Promise.all([
        context.credits.open(trx, job.member),
        toFailed(trx, job, { failure: JSON.stringify(failure), isUnknown }, now),
      ]);
      if (last) await closeCall(trx, context, job, last);
      await context.credits.release(trx, account, holdOf(job));
    }),
  );
  context.world.checkpoint("failed");
  context.log.info({ job: job.id, outcome: failure.outcome }, "job failed; nothing charged");
  const waitedMs = (job.startedAt ?? now) - job.createdAt;
  context.observer.jobEnded({ platform: job.platform, state: "failed", waitedMs, charged: 0 });
  if (isUnknown && last) await countUnknown(context, job, last.attempt);
}

function failureOf(error: unknown, { payer }: Job): Omit<Failure, "reference"> {
  if (error instanceof ProviderError) {
    const { outcome, format } = error;
    const refusedFor = payer === "tenant" ? ofOwnKey(error.refusedFor) : error.refusedFor;
    return { outcome, ...(refusedFor ? { refusedFor } : {}), ...(format ? { format } : {}) };
  }
  if (error instanceof CallPaused) return { outcome: "not-sent" };
  return { outcome: error instanceof ReferencesMissing ? "lost-files" : "bug" };
}

/** Those who manage the tenant are to act, and not the operator. */
function ofOwnKey(refusedFor: RefusedFor | undefined): RefusedFor | undefined {
  if (refusedFor === "key") return "own-key";
  return refusedFor === "money" ? "own-money" : refusedFor;
}

async function endedCall(
  context: Context,
  attempt: AttemptRow | undefined,
  error: unknown,
): Promise<EndedCall | undefined> {
  if (!attempt) return undefined;
  const received = await context.images.received(attempt.id);
  return { attempt: attempt.id, end: endOf(context, attempt, error), received };
}

function endOf(context: Context, { phase }: AttemptRow, error: unknown): AttemptEnd {
  const now = context.world.now();
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProviderError) {
    const { outcome, reference, status, refusedFor } = error;
    return { outcome, reference, status, refusedFor, message, now };
  }
  // A bug may have struck after the call was sent.
  return { outcome: phase === "intent" ? "not-sent" : "unknown", message, now };
}

function observeEnd(context: Context, job: Job, error: unknown, ms: number): void {
  if (!(error instanceof ProviderError)) return;
  noteCallEnd(context, job, { outcome: error.outcome, error, ms });
}

/** Tells how a call ended to whoever goes by it: trouble with a tenant's key is none of the service, nor of the operator. */
export function noteCallEnd(
  { observer, breakers, keys }: Context,
  { provider, tenant, payer }: Job,
  {
    outcome,
    error,
    ms,
  }: { readonly outcome: Outcome | "success"; readonly error?: ProviderError; readonly ms: number },
): void {
  if (payer === "tenant") keys.breakers(tenant).ended(provider, error);
  else {
    observer.callEnded({ provider, outcome, ms });
    breakers.ended(provider, error);
  }
}

export interface Results {
  readonly attempts: readonly AttemptRow[];
  readonly artifacts: readonly Artifact[];
}

/** The calls of a job, and every image of theirs that is on disk, in the order of the calls. `last` has ended, and is not closed yet. */
export async function loadResults(context: Context, job: Job, last?: EndedCall): Promise<Results> {
  const written = await persist(context, "calls made", () => attemptsOf(context.database.db, job.id));
  const attempts = written.map((each) =>
    each.id === last?.attempt ? { ...each, cost: last.end.cost ?? each.cost } : each,
  );
  const artifacts: Artifact[] = [];
  for (const { id: attempt } of attempts) {
    const { images } = attempt === last?.attempt ? last.received : await context.images.received(attempt);
    for (const { image } of images.toSorted((a, b) => a.index - b.index)) artifacts.push({ attempt, image });
  }
  return { attempts, artifacts };
}

/** The price of the images that the calls of a job brought. */
export function settlementPrice(
  context: Context,
  job: Job,
  attempts: readonly AttemptRow[],
  artifacts: readonly Artifact[],
): Credits {
  const calls = attempts.map(({ id, cost, provider }) => ({
    provider: context.router.get(provider),
    cost,
    images: artifacts.filter(({ attempt }) => attempt === id).map(({ image }) => image),
  }));
  return context.router.pricing.settle(job, calls);
}
