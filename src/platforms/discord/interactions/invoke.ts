import type { AnyCommand } from "../../../command/command.ts";
import type { Reply } from "../../../command/reply.ts";
import type { Caller } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { Card } from "../../../text/card.ts";
import { refusalSentence, type Text, textFor } from "../../../text/text.ts";
import type { PlatformContext } from "../../platform.ts";
import { callerOf, type Interaction, localeOf } from "../caller.ts";
import { renderCard } from "../cards.ts";
import type { Facts } from "../facts.ts";
import { channelKey } from "../markup.ts";
import { readReplyTarget } from "../reply-target.ts";
import type { DiscordApi } from "../rest/api.ts";
import { errorFacts } from "../rest/failure.ts";
import { acknowledgementAt } from "../results/acknowledgement.ts";
import { type Answering, showReply } from "../results/reply.ts";
import type { AnswerRecord } from "./answers.ts";

/** Everything that an event needs besides itself. */
export interface DiscordDeps {
  readonly api: DiscordApi;
  readonly context: PlatformContext;
  readonly facts: Facts;
  /** Aborts when the platform stops. */
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly command: AnyCommand;
  readonly answers: AnswerRecord;
}

export type Ask = (caller: Caller, text: Text) => Promise<Reply>;

/** An acknowledged interaction and what it asks for. */
export interface Invoked {
  readonly interaction: Interaction;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Does what is asked for; throws Refusal where that does not exist. */
  readonly ask: Ask;
  /** The message with the button that the answer takes the place of; a refusal is put beside it. */
  readonly source?: string | undefined;
}

/** Runs a command and shows its answer to the caller, until the job that it started is about to be delivered. */
export async function invoke(invoked: Invoked, deps: DiscordDeps): Promise<void> {
  const { interaction, receivedAt, ask, source } = invoked;
  const { api, context, signal } = deps;
  const { world, seal } = context;
  const log = context.log.child({ interaction: interaction.id });
  const text = textFor(localeOf(interaction));
  const caller = await callerOf(interaction, receivedAt, { seal, facts: deps.facts, commands: context.commands });
  const target = readReplyTarget(caller.replyTarget);
  const { answer: _, ...here } = target;
  const acknowledgement = acknowledgementAt(here, api, { world, seal, log });
  if (target.resident) api.brake.reopen(target.channel);
  const answering: Answering = { api, context, caller, place: target, acknowledgement, text, log, signal, source };
  const reply = await answerOrApology(() => ask(caller, text), answering);
  if ("kind" in reply && (reply.kind === "job" || reply.kind === "batch")) {
    return showReply(reply, { ...answering, acknowledgement: acknowledgementAt(target, api, { world, seal, log }) });
  }
  if (!("apology" in reply)) return showReply(reply, answering);
  const message = renderCard(reply.apology);
  await (source ? acknowledgement.add(message, "caller") : acknowledgement.edit(message));
}

/** Resolves to the answer, or to an apology in its place. */
export async function answerOrApology<Answer extends object = Reply>(
  ask: () => Promise<Answer>,
  { text, context: { world, log }, caller }: Pick<Answering, "text" | "context" | "caller">,
): Promise<Answer | { readonly apology: Card }> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refusal) return { apology: text.refusal(sentence(error, text)) };
    const reference = world.id();
    log.error(
      { reference, inbound: caller.inbound, member: caller.member, ...errorFacts(error) },
      "discord: a command failed",
    );
    return { apology: text.bug(reference) };
  }
}

/** Channels and roles are told as mentions. */
function sentence({ code, facts }: Refusal, text: Text): string {
  const mentioned =
    "channels" in facts
      ? { ...facts, channels: facts.channels.map(channelKey) }
      : "channel" in facts
        ? { ...facts, channel: channelKey(facts.channel) }
        : facts;
  return refusalSentence(text, { code, facts: mentioned });
}
