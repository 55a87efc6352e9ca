import type { Context } from "../../context.ts";
import type { ApprovalRule, Caller, JobView } from "../../contract/usecases.ts";
import type { BudgetLow, Limits } from "../../credits/credits.ts";
import { Refusal } from "../../errors.ts";
import { askApproval } from "../../jobs/approvals.ts";
import { addChannelMessage } from "../../jobs/channel-messages.ts";
import type { Job, NewJob } from "../../jobs/job.ts";
import { countQueued, enqueue, findByInbound } from "../../jobs/queue.ts";
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
  const job = newJob(context, acceptance, caller);
  const { request, confirmation } = acceptance;
  const accepted = await accept(context, job, {
    enforce: (settings) => enforcePolicy(settings, request, caller),
    isStillAsked: async (trx) => confirmation === undefined || (await lockConfirmation(trx, confirmation)),
  });
  if (accepted.id === job.id) {
    const { id, member, tenant, held, inbound: event } = job;
    context.log.info(
      { job: id, member, tenant, event, provider: job.provider, held, count: job.request.count },
      "job accepted",
    );
    context.wake();
    await context.database.notify().catch(() => undefined); // polling covers a lost notice
  }
  return viewOf(context, accepted);
}

function newJob(context: Context, { route, parent }: Acceptance, caller: Caller): NewJob {
  const { request, quote } = route;
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
  };
}

/** A second run finds the job of the first by its inbound key. */
const repeatable = { repeatable: true };

interface Checks {
  readonly enforce: (settings: Settings) => Limits;
  readonly isStillAsked: (trx: Trx) => Promise<boolean>;
}

async function accept(context: Context, job: NewJob, { enforce, isStillAsked }: Checks): Promise<Job> {
  const { credits } = context;
  const { id, member, tenant, held: amount, createdAt: at } = job;
  let low: readonly BudgetLow[] = [];
  context.world.checkpoint("before-accept");
  const accepted = await context.database.transaction(async (trx) => {
    const [account, earlier, queued, settings] = await Promise.all([
      credits.open(trx, member), // what is looked up after it is true until this member's transaction ends
      findByInbound(trx, job.inbound),
      countQueued(trx, member),
      settingsFor(trx, job),
    ]);
    low = []; // the transaction may run again
    if (earlier) return earlier;
    if (!(await isStillAsked(trx))) throw new Refusal("confirmation-closed", {});
    refuseFullQueue(context, queued);
    await refuseUnpaid(context, trx, job);
    low = await credits.allow(trx, account, { tenant, amount }, enforce(settings));
    const lowBudgets = low.map((facts) => ({ code: "budget-low", ...facts }) as const);
    const rule = await approvalNeeded(trx, settings.rules, job);
    const [accepted] = await Promise.all([
      enqueue(trx, { ...job, changes: [...job.changes, ...lowBudgets] }, rule ? "awaiting" : "queued"),
      credits.hold(trx, account, { job: id, amount, at }),
    ]);
    if (rule) await askForApproval(trx, job, rule);
    return accepted;
  }, repeatable);
  context.world.checkpoint("accepted");
  for (const budget of low) warnOfLowBudget(context, job, budget);
  return accepted;
}

/** The question is posted where the rule says, by whichever process posts there. */
async function askForApproval(trx: Trx, job: NewJob, { above, channel, locale }: ApprovalRule): Promise<void> {
  const { id, platform, tenant, createdAt: now } = job;
  await askApproval(trx, { job: id, tenant, above, askedAt: now, expiresAt: now + approvalMs });
  if (channel === undefined) return;
  const message = { id: `approval:${id}`, platform, tenant, channel, locale, kind: "approval", subject: id };
  await addChannelMessage(trx, { ...message, facts: {}, now });
}

function warnOfLowBudget(context: Context, { id, tenant }: NewJob, { scope, spent, limit, renewsAt }: BudgetLow): void {
  context.log.warn({ job: id, tenant, scope, spent, limit, renewsAt }, "most of a budget is spent");
  context.observer.budgetLow({ scope });
}
