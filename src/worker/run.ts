import type { Context } from "../context.ts";
import { type ClaimLimits, claimJobs } from "../jobs/claim.ts";
import { claimDeliveries } from "../jobs/deliveries.ts";
import { expireAllLeases, extendLeases } from "../jobs/leases.ts";
import { paused } from "../policy/rules.ts";
import { createActive } from "./active.ts";
import { deliver } from "./deliver.ts";
import { generate, resume } from "./generate.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { claimCalledBack, takeLate } from "./late.ts";
import { createWorker, type Source } from "./loop.ts";

export interface RunOptions {
  readonly perMember: number;
  /** Calls at the same time, by service. */
  readonly perProvider: ClaimLimits["perProvider"];
  /** The platforms that this process can post to. */
  readonly platforms: readonly string[];
  /** Calls are made only for jobs of this platform; the others are left to other processes. */
  readonly only?: string;
}

export interface Runner {
  /** Recovers what a dead process left, then takes on jobs and deliveries. */
  start(): Promise<void>;
  wake(): void;
  /** Takes on nothing new, and resolves when what was begun is done. */
  stop(): Promise<void>;
}

const leaseMs = 60_000;
const deliverySlots = 4;
const lateSlots = 2;

/** The worker role: paid calls, deliveries, late results, and the care for jobs whose process died. */
export function createRunner(context: Context, options: RunOptions): Runner {
  const { database, world, log } = context;
  const owner = world.id();
  const active = createActive();
  /** Work that goes on outside of the queue: it was left by a process that died. */
  const leftBehind = new Set<Promise<void>>();
  const lease = (wanted: number) => ({ owner, wanted, now: world.now(), leaseUntil: world.now() + leaseMs });
  const worker = <Piece>(source: Source<Piece>) => createWorker(source, world, log);
  const beside = (job: string, work: () => Promise<void>) => {
    const done: Promise<void> = active
      .during(job, work)
      .catch((error: unknown) => log.error({ err: error, job }, "work stopped by a bug"))
      .finally(() => leftBehind.delete(done));
    leftBehind.add(done);
  };

  let lookedAt = world.now();
  /** After a jump of the clock, or a time of being frozen, what this process works on must not look abandoned to itself. */
  const keepOwn = async () => {
    const now = world.now();
    if (now - lookedAt > leaseMs / 2) await extendLeases(database.db, owner, active.jobs(), now + leaseMs);
    lookedAt = now;
  };

  const calls = worker({
    name: "calls",
    slots: Object.values(options.perProvider).reduce((sum, limit) => sum + limit, 0),
    claim: async (wanted) =>
      wanted > 0 && !(await paused(context)) ? claimJobs(database, limitsNow(context, options), lease(wanted)) : [],
    perform: (job) => active.during(job.id, () => generate(context, job)),
  });
  const posts = worker({
    name: "deliveries",
    slots: deliverySlots,
    async claim(wanted) {
      await keepOwn();
      return claimDeliveries(database, lease(wanted), options.platforms);
    },
    perform: (delivery) => active.during(delivery.job, () => deliver(context, delivery)),
  });
  const late = worker({
    name: "late results",
    slots: lateSlots,
    claim: (wanted) => claimCalledBack(context, lease(wanted), wanted),
    perform: (found) => active.during(found.job.id, () => takeLate(context, found)),
  });
  const heartbeat = createHeartbeat(context, {
    owner,
    leaseMs,
    active: active.jobs,
    resume: ({ job, attempt }) => beside(job.id, () => resume(context, job, attempt)),
    takeLate: (found) => beside(found.job.id, () => takeLate(context, found)),
  });

  return {
    async start() {
      if (database.engine === "sqlite") await expireAllLeases(database.db);
      await heartbeat.start();
      for (const each of [calls, posts, late]) each.start();
    },
    wake() {
      for (const each of [calls, posts, late]) each.wake();
    },
    async stop() {
      await Promise.all([calls.stop(), late.stop()]);
      await Promise.all(leftBehind);
      await posts.stop(); // after the calls: what they brought is still posted
      await heartbeat.stop();
    },
  };
}

/** A service that rests gets nothing: its jobs wait. */
function limitsNow({ breakers }: Context, { perMember, perProvider, only: platform }: RunOptions): ClaimLimits {
  const open = Object.entries(perProvider).map(([name, limit]) => [name, breakers.isResting(name) ? 0 : limit]);
  return { perMember, perProvider: Object.fromEntries(open), platform };
}
