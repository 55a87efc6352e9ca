import type { Cache, World } from "../../world.ts";

const freeTries = 5;
const waitMs = 60_000;
const rememberedMs = 60 * 60 * 1000;

interface WrongTries {
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly last: number;
}

type Attempt = "right" | "wrong" | "wait";

/** Lets one address try five passwords, then one a minute, until one was right or an hour has passed. */
export interface LoginLimiter {
  attempt(address: string, isRight: () => boolean): Promise<Attempt>;
}

export function createLoginLimiter({ cache, world }: { cache: Cache; world: World }): LoginLimiter {
  let turn: Promise<unknown> = Promise.resolve(); // one at a time: a hundred tries at once must not all count as the first
  const take = async (address: string, isRight: () => boolean): Promise<Attempt> => {
    const key = `web:login:${address}`;
    const wrong = (await cache.get<WrongTries>(key)) ?? { count: 0, last: 0 };
    if (wrong.count >= freeTries && world.now() < wrong.last + waitMs) return "wait";
    if (isRight()) {
      await cache.delete(key);
      return "right";
    }
    await cache.set(key, { count: wrong.count + 1, last: world.now() }, rememberedMs);
    return "wrong";
  };
  return {
    attempt(address, isRight) {
      const attempt = turn.then(() => take(address, isRight));
      turn = attempt.catch(() => undefined);
      return attempt;
    },
  };
}
