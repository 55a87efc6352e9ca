import { DeliveryDelayed } from "../../../contract/delivery.ts";
import type { StepStart, StepStarted } from "../../../contract/steps.ts";
import type { Caller, Draft, SubmitOptions } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { refusalSentence, textFor } from "../../../text/text.ts";
import { faultOf, retryAfterMs } from "../api/faults.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent, unknownMember, withMember } from "../event.ts";
import { readableWords } from "../events/names.ts";
import { withReason } from "../events/refusal-reason.ts";
import { followIn } from "../events/run.ts";
import { stepsKey } from "../keys.ts";
import { unescaped } from "../messages/blocks.ts";
import { erase } from "../messages/post.ts";
import { type ReplyTarget, readReplyTarget, type Spot, writeReplyTarget } from "../messages/reply-target.ts";
import { announceStep } from "./announce-step.ts";
import type { StepEvent } from "./step-event.ts";
import { stepReferences } from "./step-references.ts";

/** Makes the job of a step, which is paid for by whoever started the workflow, or by the budget for steps. */
export async function startStep(slack: SlackContext, step: StepStart): Promise<StepStarted> {
  const read = JSON.parse(step.event) as StepEvent;
  const event = await whoStarted(slack, step.id, read);
  const announced: { spot?: Spot | undefined } = {
    spot: step.waiting === undefined ? undefined : (JSON.parse(step.waiting) as Spot),
  };
  try {
    return { job: await submit(slack, { step, read, event, announced }) };
  } catch (error) {
    const cause = await withReason(slack, read.team, error);
    if (cause instanceof Refusal) {
      if (announced.spot) await takeBack(slack, step, announced.spot);
      return { refused: refusalSentence(textFor(event.locale), inMarkup(cause)) };
    }
    if (faultOf(cause) === "delayed")
      throw new DeliveryDelayed("Slack cannot take a step now", retryAfterMs(cause), cause);
    throw cause;
  }
}

interface Starting {
  readonly step: StepStart;
  readonly read: StepEvent;
  readonly event: SlackEvent;
  /** The message that waits for the job, as soon as there is one. */
  readonly announced: { spot?: Spot | undefined };
}

async function submit(slack: SlackContext, { step, read, event, announced }: Starting): Promise<string> {
  const { team, inputs, starter } = read;
  if (inputs.channel !== undefined) requireChannel(inputs.channel);
  if (starter === undefined && inputs.channel === undefined) throw new Refusal("step-needs-channel", {});
  const target: ReplyTarget = { team, user: event.user, channel: inputs.channel, private: false, step: true };
  const caller = payerOf(event, target, starter);
  const announce: SubmitOptions["announce"] = async ({ private: hidden, replyTarget }) => {
    const there = { ...readReplyTarget(replyTarget), private: hidden };
    announced.spot ??= await announceStep(slack, there, event);
    if (announced.spot) await step.keepWaiting(JSON.stringify(announced.spot));
    return writeReplyTarget({ ...there, waiting: announced.spot });
  };
  const draft = await draftOf(slack, read, event, caller);
  const made = await slack.context.usecases.submit({ kind: "draft", draft }, caller, { unattended: true, announce });
  if (made.kind !== "job") throw new Error(`a step of a workflow came to a ${made.kind}`);
  const { id, replyTarget } = made.job;
  const kept = replyTarget === undefined ? undefined : readReplyTarget(replyTarget);
  if (kept?.waiting) followIn(slack, id, kept, kept.waiting, event.locale);
  slack.home.changed(team, event.user);
  return id;
}

/** A conversation with somebody is no channel: no workflow writes to others there in the bot's name. Throws `channel-closed`. */
function requireChannel(channel: string): void {
  if (!/^[CG][A-Z0-9]+$/.test(channel)) throw new Refusal("channel-closed", { channel, why: "forbidden" });
}

async function whoStarted(slack: SlackContext, inbound: string, { team, starter, organisation, inputs }: StepEvent) {
  const event: SlackEvent = {
    ...{ team, user: starter ?? "", name: "", channel: inputs.channel, thread: undefined, trigger: undefined },
    ...{ inbound, respond: undefined },
    ...unknownMember(slack.options.locale),
  };
  return starter === undefined
    ? { ...event, organisation }
    : withMember(event, await slack.members.facts(team, starter));
}

/** An admin of a workspace has no more rights here than anybody: what a workflow does is what its builder wrote. */
function payerOf(event: SlackEvent, target: ReplyTarget, starter: string | undefined): Caller {
  const caller: Caller = { ...callerOf(event, target), rights: undefined };
  if (starter !== undefined) return caller;
  const { nobody } = textFor(event.locale).slack.steps;
  return { ...caller, member: stepsKey(event.team), name: nobody, paidBy: "steps-budget" };
}

async function draftOf(slack: SlackContext, read: StepEvent, event: SlackEvent, caller: Caller): Promise<Draft> {
  const { prompt, size, quality, style, channel } = read.inputs;
  const words = await readableWords(slack, event, prompt, "");
  const { saved, images } = await stepReferences(slack, read, caller);
  return {
    ...{ prompt: words.named({ prompt: unescaped(words.line) }).prompt, literal: true, plainWords: words.names },
    ...{ size, quality, style: style === undefined ? undefined : unescaped(style), saved, images },
    ...(channel === undefined ? {} : { private: false }), // the channel counts over what the member is used to
  };
}

/** Channels as Slack shows them. */
function inMarkup({ code, facts }: Refusal): Pick<Refusal, "code" | "facts"> {
  if ("channels" in facts) return { code, facts: { ...facts, channels: facts.channels.map((id) => `<#${id}>`) } };
  return "channel" in facts ? { code, facts: { ...facts, channel: `<#${facts.channel}>` } } : { code, facts };
}

async function takeBack(slack: SlackContext, { id, tenant }: StepStart, spot: Spot): Promise<void> {
  await erase(slack, tenant.slice("slack:".length), spot).catch((err: unknown) =>
    slack.context.log.warn({ step: id, err }, "Slack did not delete a waiting message"),
  );
}
