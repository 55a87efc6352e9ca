import type { Context } from "../../context.ts";
import type { Caller, JobImage, Visit, VisitedImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { artifactsOf } from "../../jobs/attempts.ts";
import { payForSeen } from "../../settlement/unseen.ts";
import { presentJob } from "../submit/derive-request.ts";

/** The image that a visit's page starts from, and where it lies on this machine. Throws Refusal. */
export async function visitImage(context: Context, { page, caller }: Visit): Promise<VisitedImage> {
  if (page.kind === "gallery") throw new Refusal("job-unknown", {});
  const image = page.kind === "paint" ? await paintedImage(context, page.of, caller) : page.image;
  if (!(await context.images.has(image))) throw new Refusal("job-erased", {});
  return { path: context.images.pathOf(image), image };
}

/** An image of a job that the caller may see. Throws Refusal `job-unknown`, `job-erased`, `job-has-no-images`. */
export async function paintedImage(
  context: Context,
  of: JobImage & { readonly index: number },
  caller: Caller,
): Promise<StoredImage> {
  const job = await payForSeen(context, await presentJob(context, of.job, caller));
  const image = (await artifactsOf(context.database.db, job.id))[of.index];
  if (!image || !(await context.images.has(image))) throw new Refusal("job-has-no-images", {});
  return image;
}
