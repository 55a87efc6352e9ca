import type { Context } from "../context.ts";
import { DeliveryDelayed } from "../contract/delivery.ts";
import type { StepEnd, StepTaker } from "../contract/steps.ts";
import type { Claim } from "../jobs/claim.ts";
import { postedOf } from "../jobs/posted.ts";
import { findByInbound, findJob } from "../jobs/queue.ts";
import { claimSteps, keepWaiting, type StepTurn, turnStep } from "../jobs/steps.ts";
import type { WorkflowStepRow } from "../store/step-tables.ts";
import { viewOf } from "../views/job-view.ts";

/** After so many tries that ended by a bug, a step is given up: whoever built the workflow can look after it. */
const maxTries = 6;
const firstPauseMs = 2000;
const longestPauseMs = 300_000;

/** Takes steps that are to be started, or whose end can be told, on those of these platforms that have steps at all. */
export function claimDueSteps(
  context: Context,
  claim: Claim,
  platforms: readonly string[],
): Promise<WorkflowStepRow[]> {
  return claimSteps(
    context.database,
    claim,
    platforms.filter((name) => takerOf(context, name) !== undefined),
  );
}

/** Starts a step, whose job has its key; or tells its platform how it ended. */
export async function performStep(context: Context, row: WorkflowStepRow): Promise<void> {
  const turn = await tryOnce(context, row);
  if (!(await turnStep(context.database.db, row, turn))) return; // another process has it by now
  if ("job" in turn || "refused" in turn) context.wake();
}

async function tryOnce(context: Context, row: WorkflowStepRow): Promise<StepTurn> {
  const taker = takerOf(context, row.platform);
  const now = context.world.now();
  if (!taker) return { dueAt: now + longestPauseMs }; // the platform left the configuration just now
  try {
    return row.phase === "received" ? await start(context, taker, row) : await end(context, taker, row);
  } catch (error) {
    if (error instanceof DeliveryDelayed) {
      context.log.warn({ step: row.id, err: error }, "a workflow step waits for its platform");
      return { dueAt: now + Math.max(firstPauseMs, error.retryAfterMs) };
    }
    context.log.error({ step: row.id, phase: row.phase, tries: row.tries, err: error }, "a workflow step met a fault");
    if (row.tries < maxTries) return { dueAt: now + Math.min(longestPauseMs, firstPauseMs * 2 ** row.tries) };
    return givenUp(context, row);
  }
}

async function start(context: Context, taker: StepTaker, row: WorkflowStepRow): Promise<StepTurn> {
  const { id, tenant, event, waiting } = row;
  const started = await taker.startStep({
    ...{ id, tenant, event, waiting: waiting ?? undefined },
    keepWaiting: async (spot) => void (await keepWaiting(context.database.db, row, spot)),
  });
  const job = "job" in started ? started.job : undefined;
  context.world.checkpoint("step-started");
  context.log.info({ step: id, tenant, job, refused: job === undefined }, "workflow step started");
  return started;
}

async function end(context: Context, taker: StepTaker, row: WorkflowStepRow): Promise<StepTurn> {
  const { id, tenant, job } = row;
  await taker.endStep({ id, tenant, outcome: await outcomeOf(context, row) });
  context.world.checkpoint("step-told");
  context.log.info({ step: id, tenant, job }, "workflow step ended");
  return { endedAt: context.world.now() };
}

async function outcomeOf(context: Context, { phase, job: id, error }: WorkflowStepRow): Promise<StepEnd["outcome"]> {
  if (phase === "refused" || id === null) return { refused: error ?? "" };
  const { db } = context.database;
  const job = await findJob(db, id);
  return { job: job && (await viewOf(context, job)), messages: await postedOf(db, id) };
}

/** A job that was made all the same is told when it ends; without one, or when that cannot be told, nothing more is done. */
async function givenUp(context: Context, row: WorkflowStepRow): Promise<StepTurn> {
  if (row.phase !== "received") return { endedAt: context.world.now() };
  const job = await findByInbound(context.database.db, row.id);
  return job ? { job: job.id } : { refused: "" };
}

function takerOf(context: Context, platform: string): StepTaker | undefined {
  const poster = context.platform(platform);
  const { startStep, endStep } = poster ?? {};
  if (!startStep || !endStep) return undefined;
  return { startStep: (step) => startStep(step), endStep: (step) => endStep(step) };
}
