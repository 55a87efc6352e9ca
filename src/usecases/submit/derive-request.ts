import type { Context } from "../../context.ts";
import type { Caller, JobImage, Repetition } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { artifactsOf } from "../../jobs/attempts.ts";
import type { Job } from "../../jobs/job.ts";
import { finalRequests } from "../../providers/finals.ts";
import { type RatioSize, type Request, shapeOf, tierOf, tiers } from "../../request.ts";
import { payForSeen } from "../../settlement/unseen.ts";
import { visibleJob } from "../../views/job-view.ts";
import { requireNamed } from "../references/named-references.ts";

/** A request that follows from an earlier job, and the id of that job. */
export interface Derived {
  readonly request: Request;
  readonly parent: string;
}

/** The request that an edit of these images starts from: like the one of their job, where the draft is silent. */
export async function editBase(context: Context, of: JobImage, caller: Caller): Promise<Derived> {
  const { job, images } = await imagesOf(context, of, caller);
  return { request: { ...bare(job.request), references: images, count: 1 }, parent: job.id };
}

/** The same request once more, or the one that varies or enlarges one of its images. Throws Refusal. */
export async function repeat(context: Context, how: Repetition, of: JobImage, caller: Caller): Promise<Derived> {
  const derived = how === "again" ? await again(context, of, caller) : await overImage(context, how, of, caller);
  await requireFiles(context, derived.request);
  return derived;
}

/**
 * The requests that finish a draft over one of its images, best first: the member gets the first that can be accepted.
 * Throws Refusal.
 */
export async function finishDraft(context: Context, of: JobImage, caller: Caller): Promise<readonly Derived[]> {
  const { request, parent } = await editBase(context, { ...of, index: of.index ?? 0 }, caller);
  const requests = finalRequests(context.router, request);
  const [first] = requests;
  if (!first) throw new Refusal("no-final", {});
  await requireFiles(context, first);
  return requests.map((request) => ({ request, parent }));
}

/** Throws Refusal `job-unknown`, `job-erased`. */
export async function presentJob(context: Context, id: string, caller: Caller): Promise<Job> {
  const job = await visibleJob(context, id, caller);
  if (job.erasedAt !== undefined) throw new Refusal("job-erased", {});
  return job;
}

/** Throws Refusal `job-erased`: what a member had started from is kept only for some days. */
export async function requireFiles(
  context: Context,
  { references, mask }: Pick<Request, "references" | "mask">,
): Promise<void> {
  for (const image of mask ? [...references, mask] : references) {
    if (!(await context.images.has(image))) throw new Refusal("job-erased", {});
  }
}

async function again(context: Context, of: JobImage, caller: Caller): Promise<Derived> {
  const job = await presentJob(context, of.job, caller);
  requireNamed(job, caller);
  return { request: ofItself(job.request), parent: job.id };
}

async function overImage(context: Context, how: "vary" | "upscale", of: JobImage, caller: Caller): Promise<Derived> {
  const { request, parent } = await editBase(context, { ...of, index: of.index ?? 0 }, caller);
  if (how === "vary") return { request, parent };
  return { request: { ...request, size: nextSize(request.references[0]), fidelity: "high" }, parent };
}

async function imagesOf(context: Context, of: JobImage, caller: Caller): Promise<{ job: Job; images: StoredImage[] }> {
  const job = await payForSeen(context, await presentJob(context, of.job, caller));
  const all = await artifactsOf(context.database.db, job.id);
  const images = of.index === undefined ? all : all.slice(of.index, of.index + 1);
  if (images.length === 0) throw new Refusal("job-has-no-images", {});
  return { job, images };
}

function nextSize(image: StoredImage | undefined): RatioSize {
  const tier = image && tiers[tiers.indexOf(tierOf(image)) + 1];
  if (!tier) throw new Refusal("already-largest", {});
  return { ratio: shapeOf(image), tier };
}

/** Whatever follows from a part of a batch is no part of it. */
function ofItself({ batch: _, ...request }: Request): Request {
  return request;
}

/** A mask belongs to the image that it was made for, and names to the images that stood beside it. */
function bare({ mask: _, named: __, plainNames: ___, batch: ____, ...request }: Request): Request {
  return request;
}
