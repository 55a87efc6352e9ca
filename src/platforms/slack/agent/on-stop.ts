import { isFinal, type JobView } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { showCancelled } from "../events/on-press.ts";
import { tellAlone } from "../messages/private-answer.ts";
import { agentThread } from "../messages/reply-target.ts";
import { jobsIn } from "./thread.ts";

/**
 * The member pressed Stop in a thread: what of theirs was not sent there is taken back, free of charge, and what cannot be
 * stopped is told. Slack leaves the session as it was; the app is to say that it rests (docs.slack.dev:
 * `agent_session_stopped`).
 */
export async function onStop(slack: SlackContext, event: SlackEvent): Promise<void> {
  const thread = agentThread(event);
  if (!thread) return;
  const open = (await jobsIn(slack, thread)).filter(({ state }) => !isFinal(state));
  const caller = callerOf(event, { ...thread, private: true });
  const { usecases } = slack.context;
  for (const { id, batch } of firstOfEach(open)) {
    await unlessTooLate(() => (batch ? usecases.batches.cancel(id, caller) : usecases.cancel(id, caller)));
  }
  const now = await Promise.all(open.map(({ id }) => usecases.job(id, caller)));
  await slack.sessions.rest(thread);
  if (now.length === 0) return;
  const text = textFor(event.locale);
  await tellAlone(slack, event, text.slack.agent.stopped(outcomeOf(now)));
  for (const { id, state, batch } of now) if (state === "cancelled" && !batch) await showCancelled(slack, id, event);
}

/** A batch is taken back as one. */
function firstOfEach(jobs: readonly JobView[]): readonly JobView[] {
  const seen = new Set<string>();
  return jobs.filter(({ id, batch }) => {
    const key = batch?.id ?? id;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function unlessTooLate(cancel: () => Promise<unknown>): Promise<void> {
  try {
    await cancel();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "too-late-to-cancel") throw error;
  }
}

function outcomeOf(jobs: readonly JobView[]) {
  const sum = (of: readonly JobView[], creditsOf: (job: JobView) => number) => ({
    jobs: of.length,
    credits: of.reduce((total, job) => total + creditsOf(job), 0),
  });
  const cancelled = jobs.filter(({ state }) => state === "cancelled");
  const sent = jobs.filter(({ state }) => state === "running");
  const made = jobs.filter((job) => !cancelled.includes(job) && !sent.includes(job));
  return {
    cancelled: sum(cancelled, ({ held }) => held),
    sent: sum(sent, ({ held }) => held),
    made: sum(made, ({ held, charged }) => charged ?? held),
  };
}
