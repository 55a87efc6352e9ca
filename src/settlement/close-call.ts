import type { Context } from "../context.ts";
import { bookSpend, bookUnknown, settleUnknown } from "../credits/spend.ts";
import type { Received } from "../images/images.ts";
import { type AttemptEnd, endAttempt, settleAsBilled } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { callCost } from "../providers/pricing.ts";
import type { Provider } from "../providers/provider.ts";
import type { Credits, Payer } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { AttemptRow } from "../store/tables.ts";
import { eraseRemovedKey, noteKeyTrouble } from "../store/tenant-keys.ts";

/** A call that came to its end, with what is on disk of its answer. */
export interface EndedCall {
  readonly attempt: string;
  readonly end: AttemptEnd;
  readonly received: Received;
}

/** Ends a call and books what it cost, as one with whatever else the transaction does. */
export async function closeCall(trx: Trx, context: Context, job: Job, call: EndedCall): Promise<void> {
  const attempt = await endAttempt(trx, call.attempt, call.end);
  if (attempt.tenant_key !== null) await endKeyUse(trx, attempt.tenant_key, call.end);
  const provider = context.router.get(attempt.provider);
  const estimate = attempt.estimate ?? 0;
  const payer = payerOf(attempt);
  const spent = (amount: Credits) => ({ attempt: attempt.id, job: job.id, provider: attempt.provider, amount, payer });
  const { outcome, now } = call.end;
  if (outcome === "success") {
    await bookSpend(trx, context.world, spent(attempt.cost ?? measuredCost(job, provider, call.received, estimate)));
  } else if (outcome === "damaged") {
    await bookSpend(trx, context.world, spent(estimate));
  } else if (outcome === "unknown" || (provider && mayCost(provider, call.end))) {
    await bookUnknown(trx, context.world, spent(estimate));
    // Part of an answer is proof that the service did its work.
    if (outcome === "unknown" && call.received.images.length > 0) await knowAsBilled(trx, context, attempt, now);
  }
}

/** The images of an unknown outcome came: what it may have cost, it did cost. Nothing when the operator said so before. */
export async function knowAsBilled(trx: Trx, context: Context, attempt: AttemptRow, now: number): Promise<void> {
  if (attempt.settled !== null) return;
  await settleAsBilled(trx, attempt.id, now);
  const { id, job, provider, estimate } = attempt;
  const call = { attempt: id, job, provider, amount: estimate ?? 0, payer: payerOf(attempt) };
  await settleUnknown(trx, context.world, { ...call, billed: true });
}

/** Those who manage a tenant are told of trouble with its key; a removed key was kept for this call alone. */
async function endKeyUse(trx: Trx, key: string, { outcome, refusedFor, now }: AttemptEnd): Promise<void> {
  if (refusedFor === "key" || refusedFor === "money") await noteKeyTrouble(trx, key, refusedFor, now);
  else if (outcome === "success") await noteKeyTrouble(trx, key, null, now);
  await eraseRemovedKey(trx, key);
}

/** The one whom the service charges for a call. */
function payerOf({ tenant_key }: AttemptRow): Payer {
  return tenant_key === null ? "operator" : "tenant";
}

/** By the price list; what was estimated where the service has left the configuration. */
function measuredCost(job: Job, provider: Provider | undefined, received: Received, estimate: Credits): Credits {
  if (!provider) return estimate;
  const images = received.images.map(({ image }) => image);
  return callCost(provider, job.request, { images, damaged: received.damaged.length });
}

/** A service that does not say that its failures are free, and took the call on. */
function mayCost({ failuresMayCost }: Provider, { outcome, refusedFor }: AttemptEnd): boolean {
  if (failuresMayCost !== true) return false;
  if (outcome === "refused") return refusedFor === undefined || refusedFor === "request" || refusedFor === "option";
  return outcome === "failed" || outcome === "moderated";
}
