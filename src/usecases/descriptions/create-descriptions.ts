import type { Context } from "../../context.ts";
import type { Caller, DescribedJobs, DescriptionChange, DescriptionUseCases } from "../../contract/usecases.ts";
import { isFinal } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { partsOf } from "../../jobs/batches.ts";
import { describeImage, shownImagesOf } from "../../jobs/descriptions.ts";
import type { Job } from "../../jobs/job.ts";
import { isUnseen } from "../../jobs/unpaid.ts";
import { operatorSettingsOf, rulesOf } from "../../policy/documents.ts";
import { enforceWords } from "../../policy/rules.ts";
import { viewOf } from "../../views/job-view.ts";
import { manageableJob } from "../privacy/remove.ts";

/** As many as Discord and Slack take. */
const longest = 1024;

export function createDescriptions(context: Context): DescriptionUseCases {
  return {
    of: async (ids, caller) => shown(context, await describable(context, ids, caller)),
    change: (changes, caller) => change(context, changes, caller),
  };
}

async function change(context: Context, changes: readonly DescriptionChange[], caller: Caller): Promise<DescribedJobs> {
  const { database } = context;
  const ids = changes.map(({ of }) => of.job);
  const jobs = await describable(context, ids, caller);
  const written = changes.map(({ alt, ...rest }) => ({ ...rest, alt: alt?.toWellFormed().trim() }));
  for (const { alt = "" } of written) {
    if (alt.length > longest) throw new Refusal("description-too-long", { length: alt.length, limit: longest });
  }
  await enforce(context, jobs, written.flatMap(({ alt }) => alt ?? []).join("\n"), caller);
  await database.transaction(async (trx) => {
    for (const { of, alt, spoiler } of written) {
      const description = alt === undefined ? undefined : alt || null;
      if (!(await describeImage(trx, of, { description, spoiler }))) throw new Refusal("job-has-no-images", {});
    }
  });
  for (const { id } of jobs) context.changes.announce(id);
  return shown(context, jobs);
}

/** As for prompts: where the images stand, and where the caller is. */
async function enforce({ database }: Context, jobs: readonly Job[], words: string, caller: Caller): Promise<void> {
  const operator = await operatorSettingsOf(database.db);
  for (const tenant of new Set([caller.tenant, ...jobs.map((job) => job.tenant)])) {
    enforceWords({ operator, rules: await rulesOf(database.db, tenant) }, words, caller);
  }
}

/** Jobs that nothing more is posted of: a message that is written anew just now would lose what is changed. */
async function describable(context: Context, ids: readonly string[], caller: Caller): Promise<readonly Job[]> {
  const { db } = context.database;
  const jobs: Job[] = [];
  for (const id of new Set(ids)) {
    const job = await manageableJob(context, id, caller);
    if (job.member !== caller.member) throw new Refusal("job-not-yours", {});
    if (job.erasedAt !== undefined) throw new Refusal("job-erased", {});
    const parts = job.batch === undefined ? [job] : await partsOf(db, job.batch);
    if (!parts.every(({ state }) => isFinal(state))) throw new Refusal("job-not-finished", {});
    if (isUnseen(job) || (await shownImagesOf(db, job.id)).length === 0) throw new Refusal("job-has-no-images", {});
    jobs.push(job);
  }
  if (jobs.length === 0) throw new Refusal("job-has-no-images", {});
  return jobs;
}

async function shown(context: Context, jobs: readonly Job[]): Promise<DescribedJobs> {
  const rules = await Promise.all(jobs.map(({ tenant }) => rulesOf(context.database.db, tenant)));
  const views = await Promise.all(jobs.map((job) => viewOf(context, job)));
  return { jobs: views, hidesAll: rules.some(({ spoiler }) => spoiler) };
}
