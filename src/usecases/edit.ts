import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import type { Job } from "../jobs/job.ts";
import { type Request, tierOf, tiers } from "../request.ts";
import { makeFrom } from "./imagine.ts";
import type { Room } from "./room.ts";
import { earlierJob, submit } from "./submit.ts";
import type { Caller, Draft, JobImage, JobView } from "./usecases.ts";
import { visibleJob } from "./view.ts";

/** Changes images of an earlier job; where the draft is silent, the new one is like it. */
export async function edit(room: Room, of: JobImage, draft: Draft, caller: Caller): Promise<JobView> {
  const { job, images } = await chosen(room, of, caller);
  return makeFrom(room, draft, { ...unmasked(job.request), references: images, count: 1 }, caller, job.id);
}

/** The same request once more. */
export async function again(room: Room, id: string, caller: Caller): Promise<JobView> {
  const job = await visibleJob(room, id, caller);
  return repeat(room, job.request, caller, job);
}

/** The same prompt over one of its images. */
export async function vary(room: Room, of: JobImage, caller: Caller): Promise<JobView> {
  const { job, images } = await chosen(room, { ...of, index: of.index ?? 0 }, caller);
  return repeat(room, { ...unmasked(job.request), references: images, count: 1 }, caller, job);
}

/** One of its images once more, as close as possible, at the next tier. */
export async function upscale(room: Room, of: JobImage, caller: Caller): Promise<JobView> {
  const { job, images } = await chosen(room, { ...of, index: of.index ?? 0 }, caller);
  const [image] = images;
  const tier = image && tiers[tiers.indexOf(tierOf(image)) + 1];
  if (!tier) throw new Refusal("already-largest", {});
  const size = { ratio: shapeOf(image), tier };
  return repeat(room, { ...unmasked(job.request), references: [image], size, count: 1, fidelity: "high" }, caller, job);
}

async function repeat(room: Room, request: Request, caller: Caller, parent: Job): Promise<JobView> {
  return (await earlierJob(room, caller)) ?? submit(room, request, caller, parent.id);
}

async function chosen(room: Room, of: JobImage, caller: Caller): Promise<{ job: Job; images: StoredImage[] }> {
  const job = await visibleJob(room, of.job, caller);
  const all = await artifactsOf(room.database.db, job.id);
  const images = of.index === undefined ? all : all.slice(of.index, of.index + 1);
  if (images.length === 0) throw new Refusal("job-has-no-images", {});
  return { job, images };
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
