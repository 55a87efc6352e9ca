import type { Context } from "../context.ts";
import { type Outcome, ProviderError, Refusal, type RefusedFor } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import type { Rerouted } from "../jobs/transitions.ts";
import { lastingName } from "../providers/offered.ts";
import type { OwnServices } from "../providers/own-services.ts";
import { type Request, serviceOf } from "../request.ts";
import type { AttemptRow } from "../store/tables.ts";
import { CallPaused } from "./call-errors.ts";
import { persist } from "./persist.ts";

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
export async function nextTry(
  context: Context,
  job: Job,
  attempts: readonly AttemptRow[],
  error: unknown,
): Promise<NextTry | undefined> {
  const now = context.world.now();
  if (error instanceof CallPaused) return { runAt: now + error.pauseMs };
  if (!(error instanceof ProviderError) || !mayRepeat(error.outcome, error.refusedFor)) return undefined;
  const tries = attempts.filter(({ provider }) => provider === job.provider).length;
  if (error.refusedFor === "option") return tries < maxTriesWithoutOptions ? { runAt: now } : undefined;
  const own = await persist(context, "keys of the tenant", () => context.keys.services(job.tenant));
  const route = elsewhere(context, job, attempts, error, own);
  if (route) return { runAt: now, route };
  // Waiting brings no model back.
  if (error.refusedFor === "own-gone") return undefined;
  if (error.refusedFor === "gone" && context.router.get(job.provider)) return undefined;
  if (error.outcome === "refused" && error.refusedFor !== "rate") return undefined;
  const pause = error.retryAfterMs ?? firstPauseMs * 2 ** (tries - 1);
  return tries < maxTries && pause <= maxPatienceMs ? { runAt: now + pause } : undefined;
}

/** Nothing was sent, or the service declined for reasons of its own. */
function mayRepeat(outcome: Outcome, refusedFor: RefusedFor | undefined): boolean {
  return outcome === "not-sent" || (outcome === "refused" && refusedFor !== undefined && refusedFor !== "request");
}

/** Another service, or another model of the same one. */
function elsewhere(
  context: Context,
  job: Job,
  attempts: readonly AttemptRow[],
  error: ProviderError,
  own: OwnServices,
): Rerouted | undefined {
  const ofOneModel = error.refusedFor === "gone" || error.refusedFor === "rate";
  const left = ofOneModel ? job.provider : serviceOf(job.provider);
  const except = [left, ...attempts.map(({ provider }) => provider)];
  for (const provider of choicesLeft(job, error)) {
    const { provider: _, ...request } = job.request;
    const route = routeTo(context, job, provider === undefined ? request : { ...request, provider }, { except, own });
    if (route) return route;
  }
  return undefined;
}

/**
 * Whom a job may still go to, the nearest to what was chosen first; undefined stands for anybody. A member who insisted on
 * a service gets that or nothing; one who insisted on a model that is gone gets another, of the same service if that can.
 */
function choicesLeft({ request }: Job, { refusedFor }: ProviderError): readonly (string | undefined)[] {
  const chosen = request.provider;
  if (chosen === undefined) return [undefined];
  if (refusedFor !== "gone") return [];
  const service = serviceOf(chosen);
  return service === chosen ? [service] : [service, undefined];
}

function routeTo(
  context: Context,
  { unit, changes, payer = "operator" }: Job,
  asked: Request,
  { except, own }: { readonly except: readonly string[]; readonly own: OwnServices },
): Rerouted | undefined {
  try {
    const { provider, request, quote } = context.router.route(asked, own, { except, atMost: unit, payer });
    return {
      provider: lastingName(provider),
      request,
      unit: quote.unit,
      tier: quote.tier,
      changes: [...changes, ...quote.changes],
    };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
