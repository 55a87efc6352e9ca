import type { Context } from "../context.ts";
import type { Caller, JobView } from "../contract/usecases.ts";
import type { BudgetLow, Limits } from "../credits/credits.ts";
import { Refusal } from "../errors.ts";
import { maxBytesPerImage } from "../images/images.ts";
import type { Job, NewJob } from "../jobs/job.ts";
import { countQueued, enqueue, findByInbound } from "../jobs/queue.ts";
import { enforcePolicy, type Policy, policyOf } from "../policy/rules.ts";
import type { Request } from "../request.ts";
import { viewOf } from "../views/job-view.ts";

/**
 * Prices a request, holds its credits and queues it, as one: afterwards there is a job with a hold, or neither.
 * The same inbound event gives the job that it made before. Throws Refusal.
 */
export async function submit(context: Context, request: Request, caller: Caller, parent?: string): Promise<JobView> {
  const { provider, request: fitted, quote } = context.router.route(request);
  if (!(await context.images.hasSpaceFor(maxBytesPerImage * fitted.count))) throw new Refusal("disk-full", {});
  const job: NewJob = {
    id: context.world.id(),
    inbound: caller.inbound,
    platform: caller.platform,
    tenant: caller.tenant,
    member: caller.member,
    memberName: caller.name,
    locale: caller.locale,
    replyTarget: caller.replyTarget,
    parent,
    request: fitted,
    changes: quote.changes,
    provider: provider.name,
    tier: quote.tier,
    unit: quote.unit,
    held: quote.total,
    createdAt: context.world.now(),
  };
  const accepted = await accept(context, job, (policy) => enforcePolicy(policy, request, caller));
  if (accepted.id === job.id) {
    const { id, member, tenant, held, inbound: event } = job;
    context.log.info(
      { job: id, member, tenant, event, provider: job.provider, held, count: fitted.count },
      "job accepted",
    );
    context.wake();
    await context.database.notify().catch(() => undefined); // polling covers a lost notice
  }
  return viewOf(context, accepted);
}

/** The job of an inbound event that was taken before, if any: a repetition must not even download its files again. */
export async function earlierJob(context: Context, caller: Caller): Promise<JobView | undefined> {
  const job = await findByInbound(context.database.db, caller.inbound);
  return job && viewOf(context, job);
}

/** A second run finds the job of the first by its inbound key. */
const repeatable = { repeatable: true };

async function accept(context: Context, job: NewJob, obey: (policy: Policy) => Limits): Promise<Job> {
  const { credits, queuedPerMember } = context;
  const { id, member, tenant, held: amount, createdAt: at } = job;
  let low: readonly BudgetLow[] = [];
  context.world.checkpoint("before-accept");
  const accepted = await context.database.transaction(async (trx) => {
    const [account, earlier, queued, policy] = await Promise.all([
      credits.open(trx, member), // what is looked up after it is true until this member's transaction ends
      findByInbound(trx, job.inbound),
      countQueued(trx, member),
      policyOf(trx, tenant),
    ]);
    low = []; // the transaction may run again
    if (earlier) return earlier;
    if (queued >= queuedPerMember) throw new Refusal("too-many-queued", { limit: queuedPerMember });
    low = await credits.allow(trx, account, { tenant, amount }, obey(policy));
    const told = low.map((facts) => ({ code: "budget-low", ...facts }) as const);
    const [queuedJob] = await Promise.all([
      enqueue(trx, { ...job, changes: [...job.changes, ...told] }),
      credits.hold(trx, account, { job: id, amount, at }),
    ]);
    return queuedJob;
  }, repeatable);
  context.world.checkpoint("accepted");
  for (const budget of low) tellLow(context, job, budget);
  return accepted;
}

function tellLow(context: Context, { id, tenant }: NewJob, { scope, spent, limit, renewsAt }: BudgetLow): void {
  context.log.warn({ job: id, tenant, scope, spent, limit, renewsAt }, "most of a budget is spent");
  context.observer.budgetLow({ scope });
}
