import type { Context } from "../../context.ts";
import type { ApprovalRule, Caller, JobView } from "../../contract/usecases.ts";
import type { Account, BudgetLow, Limits } from "../../credits/credits.ts";
import { Refusal } from "../../errors.ts";
import { askApproval } from "../../jobs/approvals.ts";
import { partsOf } from "../../jobs/batches.ts";
import { addChannelMessage } from "../../jobs/channel-messages.ts";
import type { Job, NewJob } from "../../jobs/job.ts";
import { countQueued, enqueue, findByInbound } from "../../jobs/queue.ts";
import { countAhead } from "../../jobs/turns.ts";
import { approvalMs, approvalNeeded } from "../../policy/approval.ts";
import { type Settings, settingsFor } from "../../policy/documents.ts";
import { enforcePolicy } from "../../policy/rules.ts";
import type { Route } from "../../providers/router.ts";
import type { Request } from "../../request.ts";
import { refuseUnpaid } from "../../settlement/unpaid.ts";
import { lockConfirmation } from "../../store/confirmations.ts";
import type { Trx } from "../../store/connection.ts";
import { viewOf } from "../../views/job-view.ts";
import { refuseFullQueue } from "./propose.ts";

/** Everything that a job is made of; its files are here. */
export interface Acceptance {
  /** As the member asked for it. */
  readonly request: Request;
  /** As the chosen service takes it. */
  readonly route: Route;
  readonly parent?: string | undefined;
  /** The id of the confirmation that this answers: when it is gone by then, nothing is made. */
  readonly confirmation?: string | undefined;
}

/**
 * Holds the credits of a request and queues it, as one: afterwards there is a job with a hold, or neither. The same
 * inbound event gives the job that it made before. Throws Refusal.
 */
export async function acceptJob(context: Context, acceptance: Acceptance, caller: Caller): Promise<JobView> {
  const [job] = await acceptAll(context, [newJob(context, acceptance, caller)], {
    enforce: (settings) => enforcePolicy(settings, acceptance.request, caller),
    isStillAsked: stillAsked(acceptance.confirmation),
  });
  return viewOf(context, job);
}

/** The same for the parts of a batch: afterwards there are all of them, or none. */
export async function acceptBatch(
  context: Context,
  { parts, confirmation }: { readonly parts: readonly Acceptance[]; readonly confirmation?: string | undefined },
  caller: Caller,
): Promise<readonly Job[]> {
  const ids = parts.map(() => context.world.id()).toSorted(); // a member's jobs are drawn in the order of their ids
  const jobs = parts.map((part, batchIndex): NewJob => {
    const inbound = batchIndex === 0 ? caller.inbound : `${caller.inbound}#${batchIndex + 1}`;
    return { ...newJob(context, part, caller), id: ids[batchIndex] ?? "", inbound, batch: ids[0], batchIndex };
  });
  return acceptAll(context, jobs, {
    enforce: (settings) => {
      const limits = parts.map(({ request }) => enforcePolicy(settings, request, caller));
      return limits[0] ?? {};
    },
    isStillAsked: stillAsked(confirmation),
  });
}

async function acceptAll(context: Context, jobs: readonly NewJob[], checks: Checks): Promise<readonly [Job, ...Job[]]> {
  const accepted = await context.admit(() => accept(context, jobs, checks));
  const [first] = accepted;
  if (!first) throw new Error("nothing was accepted");
  if (first.id === jobs[0]?.id) {
    for (const { id: job, member, tenant, held, inbound: event, provider, request, batch } of jobs) {
      context.log.info({ job, batch, member, tenant, event, provider, held, count: request.count }, "job accepted");
    }
    const only = accepted.some(({ state }) => state === "awaiting") ? undefined : "calls";
    context.wake(only);
    await context.database.notify(only).catch(() => undefined); // polling covers a lost notice
  }
  return [first, ...accepted.slice(1)];
}

function newJob(context: Context, { route, parent }: Acceptance, caller: Caller): NewJob {
  const { request, quote, payer } = route;
  return {
    id: context.world.id(),
    inbound: caller.inbound,
    platform: caller.platform,
    tenant: caller.tenant,
    member: caller.member,
    memberName: caller.name,
    locale: caller.locale,
    replyTarget: caller.replyTarget,
    parent,
    request,
    changes: quote.changes,
    provider: quote.provider,
    tier: quote.tier,
    unit: quote.unit,
    held: quote.total,
    createdAt: context.world.now(),
    payer,
  };
}

/** A second run finds the job of the first by its inbound key. */
const repeatable = { repeatable: true };

interface Checks {
  readonly enforce: (settings: Settings) => Limits;
  readonly isStillAsked: (trx: Trx) => Promise<boolean>;
}

function stillAsked(confirmation: string | undefined): Checks["isStillAsked"] {
  return async (trx) => confirmation === undefined || (await lockConfirmation(trx, confirmation));
}

/** All of one member's, from one event: a limit that one of them would pass keeps all of them out. */
async function accept(
  context: Context,
  jobs: readonly NewJob[],
  { enforce, isStillAsked }: Checks,
): Promise<readonly Job[]> {
  const { credits } = context;
  const [first] = jobs;
  if (!first) return [];
  const { member, tenant } = first;
  const amount = heldBy(jobs);
  const own = heldBy(jobs.filter(({ payer }) => payer === "tenant"));
  let low: readonly BudgetLow[] = [];
  context.world.checkpoint("before-accept");
  const accepted = await context.database.transaction(async (trx) => {
    const [account, earlier, queued, settings, ahead] = await Promise.all([
      credits.open(trx, member), // what is looked up after it is true until this member's transaction ends
      findByInbound(trx, first.inbound),
      countQueued(trx, member),
      settingsFor(trx, first),
      countAhead(trx, context.database.engine, first, context.runningPerMember),
    ]);
    low = []; // the transaction may run again
    if (earlier) return earlier.batch === undefined ? [earlier] : partsOf(trx, earlier.batch);
    if (!(await isStillAsked(trx))) throw new Refusal("confirmation-closed", {});
    refuseFullQueue(context, queued, jobs.length);
    await refuseUnpaid(context, trx, first);
    low = await credits.allow(trx, account, { tenant, amount, own }, enforce(settings));
    const lowBudgets = low.map((facts) => ({ code: "budget-low", ...facts }) as const);
    const rule = await approvalNeeded(trx, settings.rules, { ...first, held: amount });
    const changes = [...first.changes, ...lowBudgets];
    const holding = { account, rule, hold: credits.hold };
    const taken: Job[] = [];
    for (const job of jobs) {
      const behind = ahead + taken.length >= context.runningPerMember;
      taken.push(await enqueueHeld(trx, job === first ? { ...job, changes } : job, { ...holding, behind }));
    }
    return taken;
  }, repeatable);
  context.world.checkpoint("accepted");
  for (const budget of low) warnOfLowBudget(context, first, budget);
  return accepted;
}

const heldBy = (jobs: readonly NewJob[]) => jobs.reduce((sum, { held }) => sum + held, 0);

interface Holding {
  readonly account: Account;
  readonly hold: Context["credits"]["hold"];
  /** It needs approval by this. */
  readonly rule: ApprovalRule | undefined;
  readonly behind: boolean;
}

async function enqueueHeld(trx: Trx, job: NewJob, { account, hold, rule, behind }: Holding): Promise<Job> {
  const { id, held: amount, createdAt: at } = job;
  const [taken] = await Promise.all([
    enqueue(trx, job, { awaiting: rule !== undefined, behind }),
    hold(trx, account, { job: id, amount, at }),
  ]);
  if (rule) await askForApproval(trx, job, rule);
  return taken;
}

/** The question is posted where the rule says, by whichever process posts there. */
async function askForApproval(trx: Trx, job: NewJob, { above, channel, locale }: ApprovalRule): Promise<void> {
  const { id, platform, tenant, createdAt: now } = job;
  await askApproval(trx, { job: id, tenant, above, askedAt: now, expiresAt: now + approvalMs });
  if (channel === undefined || (job.batch ?? id) !== id) return; // a batch is asked about once
  const message = { id: `approval:${id}`, platform, tenant, channel, locale, kind: "approval", subject: id };
  await addChannelMessage(trx, { ...message, facts: {}, now });
}

function warnOfLowBudget(context: Context, { id, tenant }: NewJob, { scope, spent, limit, renewsAt }: BudgetLow): void {
  context.log.warn({ job: id, tenant, scope, spent, limit, renewsAt }, "most of a budget is spent");
  context.observer.budgetLow({ scope });
}
