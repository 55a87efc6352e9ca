import type { Context } from "../context.ts";
import { createTurns } from "../flow/turns.ts";
import { type ClaimLimits, claimJobs } from "../jobs/claim.ts";
import { waitsOwn } from "../jobs/claim-own.ts";
import { type ClaimedDelivery, claimDeliveries } from "../jobs/deliveries.ts";
import type { Job } from "../jobs/job.ts";
import { expireAllLeases, extendLeases } from "../jobs/leases.ts";
import { paused } from "../policy/rules.ts";
import type { Payer } from "../request.ts";
import { failJob } from "../settlement/settle.ts";
import { type Active, createActive } from "./active.ts";
import { lookForAlerts } from "./alerts.ts";
import { claimMessages, postMessage } from "./channel-messages.ts";
import { deliver } from "./deliver.ts";
import { generate, resume } from "./generate.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { claimCalledBack, takeLate } from "./late.ts";
import { createWorker, type Source, type Worker } from "./loop.ts";
import { createReach, type Reach } from "./reach.ts";
import { createShares } from "./shares.ts";
import { claimDueSteps, performStep } from "./steps.ts";

export interface RunOptions {
  readonly perMember: number;
  /** Calls at the same time, by service. */
  readonly perProvider: ClaimLimits["perProvider"];
  /** The platforms that this process can post to; calls are made for their jobs only. */
  readonly platforms: readonly string[];
  /** So long a job waits for a platform that cannot be reached: to be started, and then to be posted. */
  readonly deliveryWaitMs: number;
}

export interface Runner {
  /** Recovers what a dead process left, then takes on jobs and deliveries. */
  start(): Promise<void>;
  wake: Context["wake"];
  /** Can jobs of that platform be posted now? None is started while they cannot. */
  reaches(platform: string): boolean;
  /** Resolves once every platform could be posted to, or with `stop`. */
  reached(): Promise<void>;
  /** Takes on nothing new, and resolves when what was begun is done. */
  stop(): Promise<void>;
}

const leaseMs = 60_000;
const deliverySlots = 8;
/** One tenant gets no more of these: a channel that takes one message in a second must not hold up everybody else's. */
const tenantSlots = 3;
const lateSlots = 2;
const messageSlots = 2;
const stepSlots = 4;
const alertsEveryMs = 60_000;

/** One process at work: who it is, and what it is busy with. */
interface Work {
  readonly context: Context;
  readonly options: RunOptions;
  readonly owner: string;
  readonly active: Active;
  readonly reach: Reach;
  readonly startedAt: number;
}

/** Makes the worker role: paid calls, deliveries, late results, and the care for jobs whose process died. */
export function createRunner(context: Context, options: RunOptions): Runner {
  const { database, world, log } = context;
  const reach = createReach(context, options.platforms, () => wake());
  const work: Work = { context, options, owner: world.id(), active: createActive(), reach, startedAt: world.now() };
  const worker = <Piece>(source: Source<Piece>) => createWorker(source, world, log);
  // A member whose job has ended may have one that the other pays.
  const ofOperator: Worker = worker(callsOf(work, "operator", () => ofTenants.wake()));
  const ofTenants: Worker = worker(callsOf(work, "tenant", () => ofOperator.wake()));
  const calls = [ofOperator, ofTenants];
  const [posts, late, messages] = [worker(postsOf(work)), worker(lateOf(work)), worker(messagesOf(work))];
  const steps = worker(stepsOf(work));
  const loops = [...calls, posts, late, messages, steps];
  const recovered = createRecovered(work);
  const heartbeat = createHeartbeat(context, {
    owner: work.owner,
    leaseMs,
    active: work.active.jobs,
    resume: ({ job, attempt }) => recovered.take(job.id, () => resume(context, job, attempt)),
    takeLate: (found) => recovered.take(found.job.id, () => takeLate(context, found)),
  });
  const wake: Runner["wake"] = (only) => {
    for (const each of only === undefined ? loops : { calls, posts: [posts] }[only]) each.wake();
  };
  return {
    async start() {
      if (database.engine === "sqlite") await expireAllLeases(database.db);
      reach.start();
      await heartbeat.start();
      for (const each of loops) each.start();
    },
    wake,
    reaches: reach.isOpen,
    reached: reach.reached,
    async stop() {
      await Promise.all([...calls, late].map((each) => each.stop()));
      await recovered.done();
      await Promise.all([posts.stop(), messages.stop(), steps.stop()]); // after the calls: what they brought is still posted
      await Promise.all([heartbeat.stop(), reach.stop()]);
    },
  };
}

function lease({ context: { world }, owner }: Work, wanted: number) {
  return { owner, wanted, now: world.now(), leaseUntil: world.now() + leaseMs };
}

/** Calls that tenants pay by keys of their own take no room of those that the operator pays. */
function callsOf(work: Work, payer: Payer, ended: () => void): Source<Job> {
  const { context, options, active } = work;
  const isDue = async () => (payer === "operator" || (await waitsOwn(context.database))) && !(await paused(context));
  return {
    name: payer === "operator" ? "calls" : "calls by keys of tenants",
    slots: Object.values(options.perProvider).reduce((sum, limit) => sum + limit, 0),
    claim: async (wanted) =>
      wanted > 0 && (await isDue()) ? claimJobs(context.database, limitsNow(work, payer), lease(work, wanted)) : [],
    perform: (job) =>
      active
        .during(job.id, () => (isAbandoned(work, job) ? giveUp(context, job) : generate(context, job)))
        .finally(ended),
  };
}

/** Longer than any platform needs to answer: before that, nobody can tell that one is away. */
const settlingMs = 600_000;

/** A delivery that has waited since before then, for a platform that cannot be posted to, is given up. */
function abandonedBefore({ context: { world }, options, startedAt }: Work): number {
  return world.now() - startedAt < settlingMs ? 0 : world.now() - options.deliveryWaitMs;
}

/** No call is paid for it any more. */
function isAbandoned(work: Work, job: Job): boolean {
  return !work.reach.isOpen(job.platform) && job.createdAt < abandonedBefore(work);
}

async function giveUp(context: Context, job: Job): Promise<void> {
  context.log.warn({ job: job.id, platform: job.platform }, "job given up: its platform was out of reach for days");
  await failJob(context, job, { outcome: "not-sent", reference: job.id }, undefined);
  context.changes.announce(job.id);
}

/** A delivery that is taken so soon after it was due did not wait for its platform. */
const promptMs = 5000;

function postsOf(work: Work): Source<ClaimedDelivery> {
  const { context, options, active, reach } = work;
  const { database } = context;
  const patience = { reach, waitMs: options.deliveryWaitMs };
  const turns = createTurns();
  // What had to wait, and what comes after it, is read in the order in which it was made.
  const inOrder = ({ tenant, due_at }: ClaimedDelivery, post: () => Promise<void>) =>
    turns.isTaken(tenant) || context.world.now() - due_at >= promptMs ? turns.take(tenant, post) : post();
  const keepOwn = leaseKeeper(work);
  const shares = createShares(tenantSlots);
  return {
    name: "deliveries",
    slots: deliverySlots,
    async claim(wanted) {
      await keepOwn();
      const which = { platforms: reach.open(), abandonedBefore: abandonedBefore(work) };
      return shares.fill(wanted, (some, except) => claimDeliveries(database, lease(work, some), { ...which, except }));
    },
    perform: (delivery) =>
      active
        .during(delivery.job, () => inOrder(delivery, () => deliver(context, delivery, patience)))
        .finally(() => shares.giveBack(delivery)),
  };
}

/** After a jump of the clock, or a time of being frozen, what this process works on must not look abandoned to itself. */
function leaseKeeper({ context: { database, world }, owner, active }: Work): () => Promise<void> {
  let lookedAt = world.now();
  return async () => {
    const now = world.now();
    if (now - lookedAt > leaseMs / 2) await extendLeases(database.db, owner, active.jobs(), now + leaseMs);
    lookedAt = now;
  };
}

function lateOf(work: Work): Source<Awaited<ReturnType<typeof claimCalledBack>>[number]> {
  const { context, active } = work;
  return {
    name: "late results",
    slots: lateSlots,
    claim: (wanted) => claimCalledBack(context, lease(work, wanted), wanted),
    perform: (found) => active.during(found.job.id, () => takeLate(context, found)),
  };
}

/** Messages in channels that admins named, and approvals that nobody gave. */
function messagesOf(work: Work): Source<Awaited<ReturnType<typeof claimMessages>>[number]> {
  const { context, reach } = work;
  let lookedAt = 0;
  return {
    name: "channel messages",
    slots: messageSlots,
    async claim(wanted) {
      if (context.world.now() - lookedAt >= alertsEveryMs) {
        lookedAt = context.world.now();
        await lookForAlerts(context);
      }
      return claimMessages(context, lease(work, wanted), reach.open());
    },
    perform: (row) => postMessage(context, row),
  };
}

/** Steps of workflows: to be started, and to be told how they ended. */
function stepsOf(work: Work): Source<Awaited<ReturnType<typeof claimDueSteps>>[number]> {
  const { context, reach } = work;
  return {
    name: "workflow steps",
    slots: stepSlots,
    claim: (wanted) => claimDueSteps(context, lease(work, wanted), reach.open()),
    perform: (row) => performStep(context, row),
  };
}

/** Work outside of the queue: jobs that were left by a process that died. */
function createRecovered({ context: { log }, active }: Work) {
  const underWay = new Set<Promise<void>>();
  return {
    take(job: string, work: () => Promise<void>): void {
      const done: Promise<void> = active
        .during(job, work)
        .catch((error: unknown) => log.error({ err: error, job }, "work stopped by a bug"))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    done: () => Promise.all(underWay),
  };
}

/** A service that rests gets nothing: its jobs wait. So do the jobs of a platform that cannot be posted to. */
function limitsNow(work: Work, payer: Payer): ClaimLimits {
  const { context, options, reach } = work;
  const { perMember, perProvider } = options;
  const { breakers, keys } = context;
  const shared = { perMember, payer, platforms: reach.open(), abandonedBefore: abandonedBefore(work) };
  if (payer === "tenant") return { ...shared, perProvider, resting: keys.resting(Object.keys(perProvider)) };
  const open = Object.entries(perProvider).map(([name, limit]) => [name, breakers.isResting(name) ? 0 : limit]);
  return { ...shared, perProvider: Object.fromEntries(open) };
}
