import type { Context } from "../context.ts";
import type { Caller, Draft, Files, JobImage, JobView, QuoteView, Repetition } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { type RatioSize, type Request, tierOf, tiers } from "../request.ts";
import { visibleJob } from "../views/job-view.ts";
import { makeFrom } from "./imagine.ts";
import { quoteOver } from "./quote.ts";
import { earlierJob, submit } from "./submit.ts";

/** Changes images of an earlier job; where the draft is silent, the new one is like it. */
export async function edit(context: Context, of: JobImage, draft: Draft, caller: Caller): Promise<JobView> {
  const { job, request } = await editBase(context, of, caller);
  return makeFrom(context, draft, request, caller, job.id);
}

/** What that would cost now; the draft's own files are not looked at. */
export async function quoteEdit(
  context: Context,
  of: JobImage,
  draft: Draft,
  caller: Caller,
  files: Files,
): Promise<QuoteView> {
  const { request } = await editBase(context, of, caller);
  return quoteOver(context, request, draft, caller, files);
}

/** Like what the new one is, where a draft is silent; and the job that it comes from. */
export async function editBase(context: Context, of: JobImage, caller: Caller): Promise<Repeated> {
  const { job, images } = await chosen(context, of, caller);
  return { job, request: changedFrom(job, images) };
}

function changedFrom({ request }: Job, images: readonly StoredImage[]): Request {
  return { ...unmasked(request), references: images, count: 1 };
}

/** The same request once more, or one of its images varied, or enlarged. */
export async function repeat(context: Context, how: Repetition, of: JobImage, caller: Caller): Promise<JobView> {
  const earlier = await earlierJob(context, caller);
  if (earlier) return earlier;
  const { job, request } = await repetition(context, how, of, caller);
  return submit(context, request, caller, job.id);
}

/** A request, and the job that it comes from. */
interface Repeated {
  readonly job: Job;
  readonly request: Request;
}

/** What the button asks for. */
export async function repetition(context: Context, how: Repetition, of: JobImage, caller: Caller): Promise<Repeated> {
  const repeated = how === "again" ? await again(context, of, caller) : await overImage(context, how, of, caller);
  await requireFiles(context, repeated.request);
  return repeated;
}

async function again(context: Context, of: JobImage, caller: Caller): Promise<Repeated> {
  const job = await presentJob(context, of.job, caller);
  return { job, request: job.request };
}

async function overImage(context: Context, how: "vary" | "upscale", of: JobImage, caller: Caller): Promise<Repeated> {
  const { job, images } = await chosen(context, { ...of, index: of.index ?? 0 }, caller);
  const request = { ...unmasked(job.request), references: images, count: 1 };
  return { job, request: how === "vary" ? request : { ...request, size: nextSize(images[0]), fidelity: "high" } };
}

function nextSize(image: StoredImage | undefined): RatioSize {
  const tier = image && tiers[tiers.indexOf(tierOf(image)) + 1];
  if (!tier) throw new Refusal("already-largest", {});
  return { ratio: shapeOf(image), tier };
}

async function chosen(context: Context, of: JobImage, caller: Caller): Promise<{ job: Job; images: StoredImage[] }> {
  const job = await presentJob(context, of.job, caller);
  const all = await artifactsOf(context.database.db, job.id);
  const images = of.index === undefined ? all : all.slice(of.index, of.index + 1);
  if (images.length === 0) throw new Refusal("job-has-no-images", {});
  return { job, images };
}

/** Throws Refusal `job-unknown`, `job-not-yours`, `job-erased`. */
export async function presentJob(context: Context, id: string, caller: Caller): Promise<Job> {
  const job = await visibleJob(context, id, caller);
  if (job.erasedAt !== undefined) throw new Refusal("job-erased", {});
  return job;
}

/** What a member had started from is kept only for some days. */
export async function requireFiles(context: Context, { references, mask }: Request): Promise<void> {
  for (const image of mask ? [...references, mask] : references) {
    if (!(await context.images.has(image))) throw new Refusal("job-erased", {});
  }
}

/** A mask belongs to the image that it was made for. */
function unmasked({ mask: _, ...request }: Request): Request {
  return request;
}

/** Width over height in the smallest whole numbers. */
function shapeOf({ width, height }: StoredImage): readonly [number, number] {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const common = divisor(width, height);
  return [width / common, height / common];
}
