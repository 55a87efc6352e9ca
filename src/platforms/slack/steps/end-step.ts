import { DeliveryDelayed } from "../../../contract/delivery.ts";
import type { StepEnd } from "../../../contract/steps.ts";
import type { JobView } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { codeOf, faultOf, retryAfterMs } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { readFileKey, readMessageKey } from "../keys.ts";
import { readStepKey } from "./step-event.ts";

/** The outputs of a step, as its definition names them. */
export interface StepOutputs extends Record<string, unknown> {
  /** Slack's id of the first image's file. */
  readonly file: string;
  /** The address of the message that shows the image. */
  readonly permalink: string;
  /** The credits that were charged. */
  readonly price: number;
  readonly job: string;
}

/** Slack's own limit is not told; its message to the builder shows so much. */
const errorLimit = 1000;

/**
 * Tells Slack how a step ended. Slack takes one end of each; asked again after a crash, it says that the step has ended, which is
 * the end of it here, too. Throws DeliveryDelayed.
 */
export async function endStep(slack: SlackContext, { id, outcome }: StepEnd): Promise<void> {
  const { team } = readStepKey(id);
  const { locale } = slack.options;
  if ("refused" in outcome) return fail(slack, id, outcome.refused || textFor(locale).slack.steps.erased);
  const { job, messages } = outcome;
  if (!job) return fail(slack, id, textFor(locale).slack.steps.erased);
  const [file] = messages.flatMap((key) => readFileKey(key) ?? []);
  const isThere = job.state === "delivered" && job.images.length > 0 && file !== undefined;
  if (!isThere) return fail(slack, id, whyNot(job));
  const permalink = await permalinkOf(slack, team, file, messages);
  await succeed(slack, id, { file, permalink, price: job.charged ?? 0, job: job.id });
}

function whyNot(job: JobView): string {
  const text = textFor(job.locale);
  const { steps } = text.slack;
  if (job.state === "cancelled") return steps.cancelled;
  if (job.state === "undeliverable") return steps.undeliverable;
  if (job.state === "delivered") return steps.erased;
  const { title, paragraphs } = text.job(job);
  return [title, ...paragraphs].join(" · ");
}

/** Leads to the message that shows it, which everybody there can open; to the file, where the message is gone. */
async function permalinkOf(slack: SlackContext, team: string, file: string, keys: readonly string[]): Promise<string> {
  const { workspaces } = slack;
  const [spot] = keys.flatMap((key) => readMessageKey(key)?.spot ?? []);
  try {
    if (spot) {
      const { channel, ts } = spot;
      const { permalink } = await workspaces.call(team, { method: "chat.getPermalink" }, (client) =>
        client.chat.getPermalink({ channel, message_ts: ts }),
      );
      if (permalink) return permalink;
    }
  } catch (error) {
    if (!/^(message_not_found|channel_not_found)$/.test(codeOf(error) ?? "")) throw delayedOr(error);
  }
  const { file: facts } = await workspaces
    .call(team, { method: "files.info" }, (client) => client.files.info({ file }))
    .catch((error: unknown) => {
      if (codeOf(error) === "file_not_found" || codeOf(error) === "file_deleted") return { file: undefined };
      throw delayedOr(error);
    });
  return facts?.permalink ?? "";
}

function succeed(slack: SlackContext, id: string, outputs: StepOutputs): Promise<void> {
  const { team, execution } = readStepKey(id);
  return once(slack, id, () =>
    slack.workspaces.call(team, { method: "functions.completeSuccess" }, (client) =>
      client.functions.completeSuccess({ function_execution_id: execution, outputs }),
    ),
  );
}

function fail(slack: SlackContext, id: string, sentence: string): Promise<void> {
  const { team, execution } = readStepKey(id);
  return once(slack, id, () =>
    slack.workspaces.call(team, { method: "functions.completeError" }, (client) =>
      client.functions.completeError({ function_execution_id: execution, error: clip(sentence, errorLimit) }),
    ),
  );
}

/** The workflow was cancelled, or an earlier call came through before this process, or the one before it, heard of it. */
const ended = /^(function_execution_not_found|execution_not_in_running_state|access_denied)$/;

async function once(slack: SlackContext, id: string, tell: () => Promise<unknown>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    const isOver = ended.test(codeOf(error) ?? "") || faultOf(error) === "revoked";
    if (!isOver) throw delayedOr(error);
    slack.context.log.warn({ step: id, code: codeOf(error) }, "Slack takes no end of a workflow step any more");
  }
}

function delayedOr(error: unknown): unknown {
  return faultOf(error) === "delayed"
    ? new DeliveryDelayed("Slack cannot take it now", retryAfterMs(error), error)
    : error;
}
