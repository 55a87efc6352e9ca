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
  const load: Load = await recent(context, { question: "load", maxAgeMs }, () => loadNow(db));
  const startAt = startOf(job, place, load, {
    usual,
    now,
    calls: provider?.concurrency ?? 1,
    perMember: context.runningPerMember,
  });
  return { startAt: toGrid(startAt, usual), endAt: toGrid(startAt + own, usual) };
}

/** A job waits for a free call of its service, and for its member's earlier jobs. */
function startOf(
  job: Job,
  { position, slot }: QueuePosition,
  { running, queued }: Load,
  { usual, now, calls, perMember }: { usual: number; now: number; calls: number; perMember: number },
): number {
  const all = Object.values(queued).reduce((sum, n) => sum + n, 0);
  const isThere = (provider: string) => serviceOf(provider) === serviceOf(job.provider);
  const waiting = Object.entries(queued).filter(([provider]) => isThere(provider));
  const share = all === 0 ? 1 : waiting.reduce((sum, [, n]) => sum + n, 0) / all;
  const there = running.filter(({ provider }) => isThere(provider)).map(({ startedAt }) => startedAt);
  const mine = running.filter(({ member }) => member === job.member).map(({ startedAt }) => startedAt);
  const ofService = { count: calls, startedAt: there, ahead: Math.round((position - 1) * share) };
  const ofMember = { count: perMember, startedAt: mine, ahead: Math.max(0, slot - 1 - mine.length) };
  return Math.max(startIn(ofService, usual, now), startIn(ofMember, usual, now));
}
