import type { Context } from "../context.ts";
import type { BatchView, Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { partsOf } from "../jobs/batches.ts";
import type { Job } from "../jobs/job.ts";
import { viewOf, visibleJob } from "./job-view.ts";

/** A batch as members see it; undefined once all that it was made of is deleted. */
export async function batchViewOf(context: Context, jobs: readonly Job[]): Promise<BatchView | undefined> {
  const kept = jobs.filter(({ erasedAt }) => erasedAt === undefined);
  const [first, ...others] = await Promise.all(kept.map((job) => viewOf(context, job)));
  if (!first?.batch) return undefined;
  const { id, written, size, by } = first.batch;
  return { id, written, size, by, parts: [first, ...others] };
}

/** The jobs of the batch that a job is a part of, where the caller may see it. Throws Refusal `job-unknown`. */
export async function visibleBatch(context: Context, id: string, caller: Caller): Promise<readonly [Job, ...Job[]]> {
  const { batch } = await visibleJob(context, id, caller);
  const [first, ...others] = batch === undefined ? [] : await partsOf(context.database.db, batch);
  if (!first) throw new Refusal("job-unknown", {});
  return [first, ...others];
}

/** Throws Refusal `job-unknown`, `job-erased`. */
export async function shownBatch(context: Context, jobs: readonly Job[]): Promise<BatchView> {
  const view = await batchViewOf(context, jobs);
  if (!view) throw new Refusal("job-erased", {});
  return view;
}
