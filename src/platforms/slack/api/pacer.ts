import { WebAPIRateLimitedError } from "@slack/web-api";
import { createTurns } from "../../../flow/turns.ts";
import type { World } from "../../../world.ts";

/** One call to Slack, as far as its pace is concerned. */
export interface Lane {
  /** Slack counts these calls together: a method in a workspace, and for new messages their channel too. */
  readonly pace: string;
  /** Calls with the same order are made one after the other, as they came; without it, side by side. */
  readonly order?: string | undefined;
}

export interface Pacer {
  /**
   * Makes the call when Slack's last Retry-After has passed, and again when it is told to wait: such a call was not
   * carried out. Throws WebAPIRateLimitedError once that would take longer than `patienceMs`.
   */
  run<Answer>(lane: Lane, call: () => Promise<Answer>, patienceMs: number): Promise<Answer>;
}

export function createPacer(world: World): Pacer {
  const pausedUntil = new Map<string, number>();
  const turns = createTurns();

  async function untilAllowed(pace: string, deadline: number): Promise<void> {
    for (;;) {
      const until = pausedUntil.get(pace) ?? 0;
      const waitMs = until - world.now();
      if (waitMs <= 0) break;
      if (until > deadline) throw new WebAPIRateLimitedError(Math.ceil(waitMs / 1000));
      await world.sleep(waitMs);
    }
    pausedUntil.delete(pace);
  }

  async function whenAllowed<Answer>(pace: string, call: () => Promise<Answer>, deadline: number): Promise<Answer> {
    for (;;) {
      await untilAllowed(pace, deadline);
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof WebAPIRateLimitedError)) throw error;
        pausedUntil.set(pace, world.now() + error.retryAfter * 1000);
      }
    }
  }

  return {
    run({ pace, order }, call, patienceMs) {
      const deadline = world.now() + patienceMs;
      const allowed = () => whenAllowed(pace, call, deadline);
      return order === undefined ? allowed() : turns.take(order, allowed);
    },
  };
}
