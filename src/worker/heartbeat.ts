import type { Context } from "../context.ts";
import { extendLeases } from "../jobs/leases.ts";
import { mendTurns } from "../jobs/turns.ts";
import { sayPresent } from "../store/presence.ts";
import { claimReceived, type LateCall } from "./late.ts";
import { type Resumable, recover } from "./recover.ts";

export interface Heartbeat {
  /** Cares for the jobs of dead processes once, before anything else is done; then the beat goes on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface HeartbeatOptions {
  readonly owner: string;
  readonly leaseMs: number;
  /** Jobs that this process works on. */
  active(): readonly string[];
  /** Must not wait for the end of the work. */
  resume(found: Resumable): void;
  takeLate(found: LateCall): void;
}

const everyMs = 15_000;
const againMs = 1000;

/** Says that this process lives, and finds work that the death of others left behind. */
export function createHeartbeat(context: Context, options: HeartbeatOptions): Heartbeat {
  const { database, world, log } = context;
  const { owner, leaseMs, active } = options;
  let lastBeatAt: number | undefined;

  /** When the next one is due. */
  async function beat(): Promise<number> {
    try {
      const { db } = database;
      const leaseUntil = world.now() + leaseMs;
      // Without own work nothing below would notice: a beat that reached nobody is none.
      if (!(await database.healthy())) return againMs;
      await sayPresent(db, world.now());
      // Our own first: a process that was frozen must not take its own work over.
      await extendLeases(db, owner, active(), leaseUntil);
      // After a time without a database every lease has run out: first all who live must have had a chance to say so.
      const wasAway = lastBeatAt !== undefined && world.now() - lastBeatAt > 2 * everyMs;
      lastBeatAt = world.now();
      if (wasAway) return everyMs;
      await mendTurns(database);
      for (const found of await recover(context, { owner, leaseUntil })) options.resume(found);
      for (const found of await claimReceived(context, { owner, leaseUntil })) options.takeLate(found);
      return everyMs;
    } catch (error) {
      log.warn({ err: error }, "heartbeat failed; trying again");
      return againMs;
    }
  }

  const stopping = new AbortController();
  let beats: Promise<void> = Promise.resolve();
  return {
    async start() {
      let pauseMs = await beat();
      beats = (async () => {
        while (!stopping.signal.aborted) {
          await world.sleep(pauseMs, stopping.signal);
          if (!stopping.signal.aborted) pauseMs = await beat();
        }
      })();
    },
    async stop() {
      stopping.abort();
      await beats;
    },
  };
}
