import type { ProviderError } from "../errors.ts";
import { serviceOf } from "../request.ts";
import type { World } from "../world.ts";

/**
 * Which services are avoided for a while, because calls to them would fail; of this process. Trouble with the connection,
 * the key or the account is that of every model of a service; failing or being overloaded is that of one.
 */
export interface Breakers {
  /** A call ended, well (undefined) or not. */
  ended(provider: string, error: ProviderError | undefined): void;
  /** Another service is the better choice now. */
  isOpen(provider: string): boolean;
  /** Calls must wait: it asked for that, or calls to it vanish one after the other, which may cost money. */
  isResting(provider: string): boolean;
  /** When calls to a resting service are made again, milliseconds since 1970; undefined while it does not rest. */
  restingUntil(provider: string): number | undefined;
}

/** Until when it is avoided, and why; milliseconds since 1970. */
interface Health {
  /** Calls in a row that came to nothing. */
  failures: number;
  failingUntil: number;
  /** It asked for patience. */
  askedUntil: number;
  /** Its key or its account needs the operator. */
  operatorUntil: number;
}

/** So many calls in a row that were not sent, failed, or vanished open a breaker; one success closes it. */
const failuresToOpen = 3;
const firstPauseMs = 30_000;
const longestPauseMs = 300_000;
/** A wrong key or an empty account needs a person, who may come at any time. */
const operatorPauseMs = 60_000;
const ratePauseMs = 10_000;

export function createBreakers(world: World): Breakers {
  const known = new Map<string, Health>();
  const healthAt = (key: string): Health => {
    const health = known.get(key) ?? { failures: 0, failingUntil: 0, askedUntil: 0, operatorUntil: 0 };
    known.set(key, health);
    return health;
  };
  const ofModel = (provider: string) => healthAt(`model ${provider}`);
  const ofService = (provider: string) => healthAt(`service ${serviceOf(provider)}`);
  const restUntil = (provider: string) => Math.max(restOf(ofModel(provider)), restOf(ofService(provider)));
  const operatorUntil = (provider: string) =>
    Math.max(ofModel(provider).operatorUntil, ofService(provider).operatorUntil);
  return {
    ended(provider, error) {
      if (error?.refusedFor === "gone") return; // nobody was asked
      const touched = isOfModel(error) ? [ofModel(provider)] : [ofModel(provider), ofService(provider)];
      for (const health of touched) note(health, error, world.now());
    },
    isOpen: (provider) => Math.max(restUntil(provider), operatorUntil(provider)) > world.now(),
    isResting: (provider) => restUntil(provider) > world.now(),
    restingUntil: (provider) => (restUntil(provider) > world.now() ? restUntil(provider) : undefined),
  };
}

const restOf = ({ failingUntil, askedUntil }: Health) => Math.max(failingUntil, askedUntil);

/** It says nothing of the other models of the same service. */
function isOfModel(error: ProviderError | undefined): boolean {
  return error?.outcome === "failed" || error?.outcome === "damaged" || error?.refusedFor === "rate";
}

/** Refusing a request or its content is a service at work. */
function isAtWork(error: ProviderError | undefined): boolean {
  return !error || error.outcome === "moderated" || (error.outcome === "refused" && !forItself(error));
}

function note(health: Health, error: ProviderError | undefined, now: number): void {
  if (!error || isAtWork(error)) Object.assign(health, { failures: 0, failingUntil: 0, operatorUntil: 0 });
  else if (error.outcome !== "refused") noteFailure(health, now);
  else if (error.refusedFor !== "rate") health.operatorUntil = now + operatorPauseMs;
  else {
    const ms = Math.min(error.retryAfterMs ?? ratePauseMs, longestPauseMs);
    health.askedUntil = Math.max(health.askedUntil, now + ms);
  }
}

/** Calls that end during the pause began before it: many that one short outage ends do not make it longer. */
function noteFailure(health: Health, now: number): void {
  if (now < health.failingUntil) return;
  health.failures += 1;
  const over = health.failures - failuresToOpen;
  if (over >= 0) health.failingUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** over);
}

function forItself({ refusedFor }: ProviderError): boolean {
  return refusedFor !== undefined && refusedFor !== "request" && refusedFor !== "option";
}
