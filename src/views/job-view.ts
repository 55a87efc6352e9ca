import type { Context } from "../context.ts";
import type { BatchPlace, Caller, Failure, JobView } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { findApproval } from "../jobs/approvals.ts";
import { shownImagesOf } from "../jobs/descriptions.ts";
import type { Job } from "../jobs/job.ts";
import { findJob } from "../jobs/queue.ts";
import { isUnseen } from "../jobs/unpaid.ts";
import { rulesOf } from "../policy/documents.ts";
import { finalRequests } from "../providers/finals.ts";
import { expectedOf } from "./expected-times.ts";
import { placeOf } from "./queue-place.ts";
import { waitingOf } from "./waiting.ts";

/** The job as members see it. */
export async function viewOf(context: Context, job: Job): Promise<JobView> {
  const { db } = context.database;
  const images = job.finishedAt === undefined || isUnseen(job) ? [] : await shownImagesOf(db, job.id);
  const place = job.state === "queued" ? await placeOf(context, job.id) : undefined;
  return {
    id: job.id,
    parent: job.parent,
    member: job.member,
    memberName: job.memberName,
    tenant: job.tenant,
    locale: job.locale,
    replyTarget: job.replyTarget,
    state: job.state,
    approval: await awaitedApproval(context, job),
    position: place?.position,
    waiting: await waitingOf(context, job),
    expected: await expectedOf(context, job, place),
    progress: job.state === "running" ? context.changes.progressOf(job.id) : undefined,
    request: job.request,
    provider: context.router.get(job.provider)?.label ?? job.provider,
    tier: job.tier,
    unit: job.unit,
    held: job.held,
    charged: job.charged,
    changes: job.changes,
    images,
    batch: placeInBatch(job),
    offersFinal: offersFinal(context, job, images),
    offersPaint: context.visitLinks && images.length > 0 ? true : undefined,
    failure: await failureOf(context, job),
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
  };
}

async function awaitedApproval({ database }: Context, { id, state, tenant }: Job): Promise<JobView["approval"]> {
  if (state !== "awaiting") return undefined;
  const [asked, rules] = await Promise.all([findApproval(database.db, id), rulesOf(database.db, tenant)]);
  return asked && { approvers: rules.approval?.approvers ?? [], expiresAt: asked.expiresAt };
}

async function failureOf({ database }: Context, { id, failure }: Job): Promise<Failure | undefined> {
  if (failure === undefined) return undefined;
  const kept = JSON.parse(failure) as Failure;
  if (kept.outcome !== "not-approved") return kept;
  return { ...kept, by: (await findApproval(database.db, id))?.decidedName || undefined };
}

function placeInBatch({ batch: id, batchIndex: index = 0, request }: Job): BatchPlace | undefined {
  return id !== undefined && request.batch ? { ...request.batch, id, index } : undefined;
}

function offersFinal({ router }: Context, { request }: Job, [draft]: readonly StoredImage[]): boolean {
  if (!draft) return false;
  const { mask: _, ...unmasked } = request;
  return finalRequests(router, { ...unmasked, references: [draft], count: 1 }).length > 0;
}

/** A job that the caller may see: an own one, or one posted openly where the caller is. Throws `job-unknown`. */
export async function visibleJob(context: Context, id: string, caller: Caller): Promise<Job> {
  const job = await findJob(context.database.db, id);
  const visible = job && (job.member === caller.member || (job.tenant === caller.tenant && !job.request.private));
  if (!visible) throw new Refusal("job-unknown", {});
  return job;
}
