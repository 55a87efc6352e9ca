import type { Context } from "../context.ts";
import { bookGoodwill } from "../credits/spend.ts";
import { addArtifacts, attemptsOf, LeaseLost, noteReference } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { calledBack, claimFailed, lastCallback, type OpenCall, recentlyGivenUp, releaseFailed } from "../jobs/late.ts";
import { failedToDelivering } from "../jobs/transitions.ts";
import { knowAsBilled } from "../settlement/close-call.ts";
import { persist } from "../settlement/persist.ts";
import { loadResults, settlementPrice } from "../settlement/settle.ts";
import { countUnpaidResult } from "../settlement/unpaid.ts";
import type { AttemptRow } from "../store/tables.ts";
import { previewsOf } from "./call-context.ts";
import { calleeOf } from "./callee.ts";
import { resumeCall } from "./resume-call.ts";

/** A failed job that was taken on because images of its call may be there now. */
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

/** Takes on failed jobs about which a service called back after their call was given up. */
export async function claimCalledBack(context: Context, claim: Claim, wanted: number): Promise<LateCall[]> {
  if (wanted <= 0) return [];
  const calls = await calledBack(context.database.db, context.world.now());
  return take(context, claim, calls.slice(0, wanted));
}

/**
 * Takes on failed jobs whose images are on disk all the same: a process that had lost its lease received them, or one
 * died between receiving them and saying so.
 */
export async function claimReceived(context: Context, claim: Claim): Promise<LateCall[]> {
  const { router, world, images } = context;
  const calls = await recentlyGivenUp(context.database.db, router.knownNames, world.now() - lookBackMs);
  const there: OpenCall[] = [];
  for (const call of calls) {
    const received = await images.received(call.attempt);
    // Until then whoever began to receive it may still go on.
    const timeoutMs = router.get(call.provider)?.timeoutMs ?? 0;
    const whole = received.complete || world.now() >= call.endedAt + timeoutMs;
    if (whole && received.images.length > 0) there.push(call);
  }
  return take(context, claim, there);
}

async function take(context: Context, { owner, leaseUntil }: Claim, calls: readonly OpenCall[]): Promise<LateCall[]> {
  const taken: LateCall[] = [];
  for (const { job: id, attempt } of calls) {
    const job = await claimFailed(context.database.db, id, { now: context.world.now(), owner, leaseUntil });
    if (job) taken.push({ job, attempt });
  }
  return taken;
}

/**
 * Posts the images of a call that was given up, when there are any, in place of the news of its failure: free for the
 * member, who was told so, and at the cost of the operator. Never by a paid call, and once: the job leaves `failed` by it.
 */
export async function takeLate(context: Context, { job, attempt: id }: LateCall): Promise<void> {
  const { db } = context.database;
  const attempt = (await attemptsOf(db, job.id)).find((each) => each.id === id);
  if (!attempt) throw new Error(`attempt ${id} is not one of job ${job.id}`);
  const lastId = await lastCallback(db, id);
  try {
    const { complete, images } = await context.images.received(id);
    if (!complete && (lastId !== "" || images.length === 0)) await fetchImages(context, job, attempt);
    await deliverFree(context, job, attempt);
  } catch (error) {
    context.log.warn({ job: job.id, attempt: id, err: error }, "no late result");
    if (!(error instanceof LeaseLost))
      await persist(context, "no late result", () => releaseFailed(db, job, id, lastId));
  } finally {
    context.changes.announce(job.id);
    context.wake();
  }
}

async function fetchImages(context: Context, job: Job, attempt: AttemptRow): Promise<void> {
  const provider = await calleeOf(context, attempt);
  if (!provider?.resume) return; // then what is on disk is all there will ever be
  const previews = previewsOf(context, attempt.id);
  for await (const event of resumeCall(context, job, provider, attempt, previews)) {
    if (event.type !== "accepted") continue;
    await persist(context, "reference", () => noteReference(context.database.db, attempt.id, event.reference));
  }
  await context.images.finish(attempt.id);
}

async function deliverFree(context: Context, job: Job, attempt: AttemptRow): Promise<void> {
  const { attempts, artifacts } = await loadResults(context, job);
  if (artifacts.length === 0) throw new Error("there is no readable image");
  const goodwill = settlementPrice(context, job, attempts, artifacts);
  const now = context.world.now();
  await persist(context, "late result", () =>
    context.database.transaction(async (trx) => {
      await failedToDelivering(trx, job, goodwill, now);
      await addArtifacts(trx, job.id, artifacts);
      await knowAsBilled(trx, context, attempt, now);
      await bookGoodwill(trx, context.world, { job: job.id, amount: goodwill, payer: job.payer });
    }),
  );
  context.log.info(
    { job: job.id, attempt: attempt.id, images: artifacts.length, goodwill },
    "a late result is posted free",
  );
  if (job.payer !== "tenant") context.observer.cameLate({ provider: attempt.provider, goodwill });
  await countUnpaidResult(context, job, "late");
}
