import { createLRU } from "lru.min";
import type { World } from "../../world.ts";

const freeTries = 5;
const waitMs = 60_000;
const rememberedMs = 60 * 60 * 1000;
/** More wrong passwords than these together take an hour to arrive: no flood makes the limiter forget one. */
const mostNotes = 10_000;
/** Wrong passwords of all strangers together: so many at once, then one in six seconds. */
const burst = 30;
const refillMs = 6_000;

interface WrongTries {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly last: number;
}

export type Attempt = "right" | "wrong" | "wait";

/** Somebody who tries a password: `address` is undefined where it tells nobody apart, `device` is of a browser that signed in before. */
export interface Visitor {
  readonly address?: string | undefined;
  readonly device?: string | undefined;
}

/**
 * Lets one address, or one device that signed in before, try five passwords, then one a minute, until one was right or an
 * hour has passed; and all strangers together no more than a brake allows, which known devices do not feel.
 */
export interface LoginLimiter {
  attempt(visitor: Visitor, isRight: () => boolean): Attempt;
}

export function createLoginLimiter(world: Pick<World, "now">): LoginLimiter {
  const notes = createLRU<string, WrongTries>({ max: mostNotes });
  let left = burst;
  let refilledAt = world.now();
  const refill = () => {
    const more = Math.floor((world.now() - refilledAt) / refillMs);
    left = Math.min(burst, left + more);
    refilledAt += more * refillMs;
  };
  /** Wrong tries that still count. */
  const wrongOf = (key: string | undefined): WrongTries => {
    const noted = key === undefined ? undefined : notes.get(key);
    return noted && world.now() < noted.last + rememberedMs ? noted : { count: 0, last: 0 };
  };
  const mustWait = ({ count, last }: WrongTries, isStranger: boolean) =>
    (count >= freeTries && world.now() < last + waitMs) || (isStranger && left <= 0);
  return {
    attempt({ address, device }, isRight) {
      refill();
      const isStranger = device === undefined;
      const key = isStranger ? address : `device ${device}`;
      const wrong = wrongOf(key);
      if (mustWait(wrong, isStranger)) return "wait";
      if (isRight()) {
        if (key !== undefined) notes.delete(key);
        return "right";
      }
      if (isStranger) left -= 1;
      if (key !== undefined) notes.set(key, { count: wrong.count + 1, last: world.now() });
      return "wrong";
    },
  };
}
