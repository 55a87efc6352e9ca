import type { Context } from "../context.ts";
import type { Caller, HistoryQuery, JobView } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { type Search, searchJobs } from "../jobs/history.ts";
import { jobOfPosted, postedOf } from "../jobs/posted.ts";
import { normalise } from "../policy/normalise.ts";
import { payForSeen } from "../settlement/unseen.ts";
import { viewOf, visibleJob } from "../views/job-view.ts";
import { manageableJob } from "./privacy/remove.ts";

const maxJobs = 50;
/** More make a search slower, not better. */
const maxWords = 10;

/** The member's own jobs that hold all the words, newest first; what was deleted is not among them. Images that nobody saw are paid for. */
export function history(context: Context, caller: Caller, query: HistoryQuery): Promise<readonly JobView[]> {
  return search(context, caller, query, { batchesAsOne: true });
}

/** The same where the caller is, with each part of a batch for itself. */
export function historyHere(context: Context, caller: Caller, query: HistoryQuery): Promise<readonly JobView[]> {
  return search(context, caller, query, { tenant: caller.tenant });
}

/** `UseCases.jobsAt`. */
export async function jobsAt(
  context: Context,
  isThere: (replyTarget: string) => boolean,
  { member, tenant }: Caller,
): Promise<readonly JobView[]> {
  const jobs = await searchJobs(context.database.db, member, { limit: maxJobs, words: [], tenant });
  return Promise.all(jobs.filter(({ replyTarget }) => isThere(replyTarget)).map((job) => viewOf(context, job)));
}

async function search(
  context: Context,
  { member }: Caller,
  { search: typed = "", before, limit: wanted }: HistoryQuery,
  which: Pick<Search, "tenant" | "batchesAsOne">,
): Promise<readonly JobView[]> {
  const limit = Math.min(maxJobs, Math.max(1, Math.floor(wanted) || 1));
  const words = normalise(typed.toWellFormed(), "NFC").split(/\s+/).filter(Boolean).slice(0, maxWords);
  const { db, reports } = context.database;
  const jobs = await searchJobs(words.length > 0 ? reports : db, member, { limit, words, before, ...which });
  return Promise.all(jobs.map(async (job) => viewOf(context, await payForSeen(context, job))));
}

/** The job whose images a message shows; undefined when there is none that the caller may see. */
export async function jobOfMessage(context: Context, message: string, caller: Caller): Promise<JobView | undefined> {
  const id = await jobOfPosted(context.database.db, message);
  if (id === undefined) return undefined;
  try {
    return await viewOf(context, await visibleJob(context, id, caller));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Lists the messages in which the images of a job were posted. Throws `job-unknown`. */
export async function messagesOf(context: Context, id: string, caller: Caller): Promise<readonly string[]> {
  const job = await manageableJob(context, id, caller);
  return postedOf(context.database.db, job.id);
}
