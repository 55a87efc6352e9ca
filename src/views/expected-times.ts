import type { Context } from "../context.ts";
import type { JobView } from "../contract/usecases.ts";
import { type Load, loadNow, type Measured, measuredOf } from "../jobs/durations.ts";
import type { Job } from "../jobs/job.ts";
import type { QueuePosition } from "../jobs/position.ts";
import { serviceOf } from "../request.ts";
import { endOf, startIn, toGrid, usualMs } from "./expected.ts";
import { recent } from "./recent.ts";

const maxAgeMs = 10_000;

/** Estimates when a queued or running job will start and end; undefined while its service was not measured yet. */
export async function expectedOf(
  context: Context,
  job: Job,
  place: QueuePosition | undefined,
): Promise<JobView["expected"]> {
  if (job.state !== "queued" && job.state !== "running") return undefined;
  const { db } = context.database;
  const measured: Measured[] = await recent(context, { question: `measured ${job.provider}`, maxAgeMs }, () =>
    measuredOf(db, job.provider),
  );
  const { quality, count } = job.request;
  const usual = usualMs(measured, { tier: job.tier, quality });
  if (usual === undefined) return undefined;
  const provider = context.router.get(job.provider);
  const own = usual * Math.ceil(count / (provider?.capabilities.maxCount ?? count));
  const now = context.world.now();
  if (job.state === "running") return { endAt: toGrid(endOf(job.startedAt ?? now, own, now), usual) };
  if (!place) return undefined; // it started between two looks
  const demand: Demand = await recent(context, { question: "load", maxAgeMs }, async () => demandOf(await loadNow(db)));
  const startAt = startOf(job, place, demand, {
    usual,
    now,
    calls: provider?.concurrency ?? 1,
    perMember: context.runningPerMember,
  });
  return { startAt: toGrid(startAt, usual), endAt: toGrid(startAt + own, usual) };
}

type Running = Load["running"];

/** The load as those who wait meet it; found once for all of them. */
interface Demand {
  readonly ofService: ReadonlyMap<string, Running>;
  readonly ofMember: ReadonlyMap<string, Running>;
  /** The part of all waiting jobs that wait for a service. */
  readonly share: ReadonlyMap<string, number>;
}

function demandOf({ running, queued }: Load): Demand {
  const all = Object.values(queued).reduce((sum, n) => sum + n, 0);
  const share = new Map<string, number>();
  for (const [provider, n] of Object.entries(queued)) {
    const service = serviceOf(provider);
    share.set(service, (share.get(service) ?? 0) + n / all);
  }
  const ofService = Map.groupBy(running, ({ provider }) => serviceOf(provider));
  return { ofService, ofMember: Map.groupBy(running, ({ member }) => member), share };
}

/** A job waits for a free call of its service, and for its member's earlier jobs. */
function startOf(
  job: Job,
  { position, slot }: QueuePosition,
  { ofService, ofMember, share }: Demand,
  { usual, now, calls, perMember }: { usual: number; now: number; calls: number; perMember: number },
): number {
  const service = serviceOf(job.provider);
  const mine = startsOf(ofMember.get(job.member));
  const part = share.size === 0 ? 1 : (share.get(service) ?? 0);
  const there = { count: calls, startedAt: startsOf(ofService.get(service)), ahead: Math.round((position - 1) * part) };
  const own = { count: perMember, startedAt: mine, ahead: Math.max(0, slot - 1 - mine.length) };
  return Math.max(startIn(there, usual, now), startIn(own, usual, now));
}

function startsOf(running: Running = []): number[] {
  return running.map(({ startedAt }) => startedAt);
}
