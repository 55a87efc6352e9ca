import { type ClaimLimits, claimJobs } from "../jobs/claim.ts";
import { claimDeliveries } from "../jobs/deliveries.ts";
import { expireAllLeases, extendLeases } from "../jobs/leases.ts";
import { createWorker } from "../jobs/worker.ts";
import { deliver } from "./deliver.ts";
import { generate, resume } from "./generate.ts";
import { recover } from "./recover.ts";
import type { Room } from "./room.ts";

export interface RunOptions {
  readonly perMember: number;
  /** Calls at the same time, by service. */
  readonly perProvider: ClaimLimits["perProvider"];
  /** The platforms that this process can post to. */
  readonly platforms: readonly string[];
}

export interface Runner {
  /** Recovers what a dead process left, then takes on jobs and deliveries. */
  start(): Promise<void>;
  wake(): void;
  /** Takes on nothing new, and resolves when what was begun is done. */
  stop(): Promise<void>;
}

const leaseMs = 60_000;
const heartbeatMs = 15_000;
const deliverySlots = 4;

/** The worker role: paid calls, deliveries, and the care for jobs whose process died. */
export function createRunner(room: Room, options: RunOptions): Runner {
  const { database, world, log } = room;
  const owner = world.id();
  const active = new Set<string>();
  /** Calls that go on outside of the queue: they were claimed by a process that died. */
  const resumed = new Set<Promise<void>>();
  const lease = (wanted: number) => ({ owner, wanted, now: world.now(), leaseUntil: world.now() + leaseMs });
  const whileActive = async (job: string, work: () => Promise<void>) => {
    active.add(job);
    await work().finally(() => active.delete(job));
  };

  const calls = createWorker(
    {
      name: "calls",
      slots: Object.values(options.perProvider).reduce((sum, limit) => sum + limit, 0),
      claim: (wanted) => claimJobs(database, limitsNow(room, options), lease(wanted)),
      perform: (job) => whileActive(job.id, () => generate(room, job)),
    },
    world,
    log,
  );
  const posts = createWorker(
    {
      name: "deliveries",
      slots: deliverySlots,
      claim: (wanted) => claimDeliveries(database, lease(wanted), options.platforms),
      perform: (delivery) => whileActive(delivery.job, () => deliver(room, delivery)),
    },
    world,
    log,
  );

  async function beat(): Promise<void> {
    try {
      // Our own first: a process that was frozen must not take its own work over.
      await extendLeases(database.db, owner, [...active], world.now() + leaseMs);
      for (const { job, attempt } of await recover(room, lease(0))) {
        const done: Promise<void> = whileActive(job.id, () => resume(room, job, attempt))
          .catch((error: unknown) => log.error({ err: error, job: job.id }, "work stopped by a bug"))
          .finally(() => resumed.delete(done));
        resumed.add(done);
      }
    } catch (error) {
      log.warn({ err: error }, "heartbeat failed; trying again");
    }
  }

  const stopping = new AbortController();
  let beats: Promise<void> = Promise.resolve();
  return {
    async start() {
      if (database.engine === "sqlite") await expireAllLeases(database.db);
      await beat();
      calls.start();
      posts.start();
      beats = (async () => {
        while (!stopping.signal.aborted) {
          await world.sleep(heartbeatMs, stopping.signal);
          if (!stopping.signal.aborted) await beat();
        }
      })();
    },
    wake() {
      calls.wake();
      posts.wake();
    },
    async stop() {
      await calls.stop();
      await Promise.all(resumed);
      await posts.stop(); // after the calls: what they brought is still posted
      stopping.abort();
      await beats;
    },
  };
}

/** A service that rests gets nothing: its jobs wait. */
function limitsNow({ breakers }: Room, { perMember, perProvider }: RunOptions): ClaimLimits {
  const open = Object.entries(perProvider).map(([name, limit]) => [name, breakers.isResting(name) ? 0 : limit]);
  return { perMember, perProvider: Object.fromEntries(open) };
}
