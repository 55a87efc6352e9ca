import type { Context } from "../../context.ts";
import type { GalleryImage, HistoryQuery, JobView, Visit, VisitedImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { artifactsOf } from "../../jobs/attempts.ts";
import { findJob } from "../../jobs/queue.ts";
import { payForSeen } from "../../settlement/unseen.ts";
import { historyHere, messagesOf } from "../history.ts";
import { remove } from "../privacy/remove.ts";

/** The member's own jobs in the tenant of a gallery. */
export function galleryOf(context: Context, visit: Visit, query: HistoryQuery): Promise<readonly JobView[]> {
  requireGallery(visit);
  return historyHere(context, visit.caller, query);
}

/** One image of a gallery. Throws Refusal `job-unknown`, `job-has-no-images`. */
export async function galleryImage(context: Context, visit: Visit, of: GalleryImage): Promise<VisitedImage> {
  const job = await payForSeen(context, await ownJob(context, visit, of.job));
  const image = (await artifactsOf(context.database.db, job.id))[of.index];
  if (!image || !(await context.images.has(image))) throw new Refusal("job-has-no-images", {});
  return { path: context.images.pathOf(image), image };
}

/** Deletes a job of a gallery as its button in the chat does: content first, then the messages. Throws Refusal. */
export async function removeFromGallery(context: Context, visit: Visit, id: string): Promise<void> {
  const { caller } = visit;
  await ownJob(context, visit, id);
  const messages = await messagesOf(context, id, caller);
  await remove(context, id, caller);
  await context.platform(caller.platform)?.eraseMessages?.(messages, caller.tenant);
}

/** Nothing of other members, and nothing of this one elsewhere. Throws Refusal `job-unknown`. */
async function ownJob({ database }: Context, visit: Visit, id: string) {
  requireGallery(visit);
  const job = await findJob(database.db, id);
  const isOwn = job?.member === visit.caller.member && job.tenant === visit.caller.tenant;
  if (!job || !isOwn) throw new Refusal("job-unknown", {});
  return job;
}

function requireGallery({ page }: Visit): void {
  if (page.kind !== "gallery") throw new Refusal("job-unknown", {});
}
