import type { Context } from "../context.ts";
import { type Outcome, ProviderError, Refusal, type RefusedFor } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import type { Rerouted } from "../jobs/transitions.ts";
import type { AttemptRow } from "../store/tables.ts";
import { CallPaused } from "./call-errors.ts";

/** Calls that provably were not made, or that the service put off, are tried this often in all. */
const maxTries = 3;
/** Each process learns for itself which options a service does not take. */
const maxTriesWithoutOptions = 8;
const firstPauseMs = 2000;
/** A service that asks for more patience than this is treated as declining. */
const maxPatienceMs = 120_000;

export interface NextTry {
  readonly runAt: number;
  /** Another service takes over. */
  readonly route?: Rerouted | undefined;
}

/**
 * When and where a job may be tried again by itself; undefined when it must not be. Only where nothing can have been
 * charged, at another service only for no more than was quoted, and never after a refusal of the content: another
 * service might be laxer.
 */
export function nextTry(
  context: Context,
  job: Job,
  attempts: readonly AttemptRow[],
  error: unknown,
): NextTry | undefined {
  const now = context.world.now();
  if (error instanceof CallPaused) return { runAt: now + error.pauseMs };
  if (!(error instanceof ProviderError) || !mayRepeat(error.outcome, error.refusedFor)) return undefined;
  const tries = attempts.filter(({ provider }) => provider === job.provider).length;
  if (error.refusedFor === "option") return tries < maxTriesWithoutOptions ? { runAt: now } : undefined;
  const route = elsewhere(context, job, attempts);
  if (route) return { runAt: now, route };
  if (error.outcome === "refused" && error.refusedFor !== "rate") return undefined;
  const pause = error.retryAfterMs ?? firstPauseMs * 2 ** (tries - 1);
  return tries < maxTries && pause <= maxPatienceMs ? { runAt: now + pause } : undefined;
}

/** Nothing was sent, or the service declined for reasons of its own. */
function mayRepeat(outcome: Outcome, refusedFor: RefusedFor | undefined): boolean {
  return outcome === "not-sent" || (outcome === "refused" && refusedFor !== undefined && refusedFor !== "request");
}

function elsewhere(context: Context, job: Job, attempts: readonly AttemptRow[]): Rerouted | undefined {
  if (job.request.provider !== undefined) return undefined; // the member insisted
  const tried = [job.provider, ...attempts.map(({ provider }) => provider)];
  try {
    const { provider, request, quote } = context.router.route(job.request, { except: tried, atMost: job.unit });
    return {
      provider: provider.name,
      request,
      unit: quote.unit,
      tier: quote.tier,
      changes: [...job.changes, ...quote.changes],
    };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
