import type { AnyCommand } from "../../command/command.ts";
import type { Reply } from "../../command/reply.ts";
import { Refusal } from "../../errors.ts";
import type { Card } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";
import { textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { acknowledgementAt } from "./acknowledgement.ts";
import type { AnswerRecord } from "./answers.ts";
import type { DiscordApi } from "./api.ts";
import { renderCard } from "./cards.ts";
import { errorFacts } from "./failure.ts";
import { follow } from "./follow.ts";
import type { Interaction } from "./place.ts";
import { callerOf, readPlace } from "./place.ts";

/** What every interaction needs besides itself. */
export interface Surroundings {
  readonly api: DiscordApi;
  readonly context: PlatformContext;
  /** Aborts when the platform stops. */
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly command: AnyCommand;
  readonly answers: AnswerRecord;
}

/** An acknowledged interaction and what it asks for. */
export interface Invoked {
  readonly interaction: Interaction;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** What is asked for; throws Refusal where that does not exist. */
  readonly prepare: () => Prepared;
  /** The answer replaces the message with the button; a refusal is put beside it. */
  readonly inPlace: boolean;
}

/** Runs a command and shows its answer to the caller, until the job that it started is about to be delivered. */
export async function invoke(invoked: Invoked, { api, context, signal }: Surroundings): Promise<void> {
  const { interaction, receivedAt, inPlace } = invoked;
  const { usecases, world, seal } = context;
  const log = context.log.child({ interaction: interaction.id });
  const text = textFor(interaction.locale);
  const caller = callerOf(interaction, receivedAt, seal);
  const place = readPlace(caller.place);
  const acknowledgement = acknowledgementAt(place, api, { world, seal, log });

  let reply: Reply;
  try {
    const { command, answers } = invoked.prepare();
    reply = await command.run({ answers, caller, usecases, text });
  } catch (error) {
    const card = renderCard(apology(error, text, context, { interaction: interaction.id, caller: caller.member }));
    await (inPlace ? acknowledgement.add(card, "caller") : acknowledgement.edit(card));
    return;
  }
  if (reply.kind === "card") await acknowledgement.edit(renderCard(reply.card));
  else
    await follow(reply.job, { acknowledgement, usecases, caller, world, log, text, until: place.tokenUntil, signal });
}

/** What a member is told instead of an answer. */
function apology(error: unknown, text: Text, { world, log }: PlatformContext, facts: object): Card {
  if (error instanceof Refusal) {
    const { code, facts: why } = error as Refusal;
    const say = text.refusals[code] as (facts: object) => string;
    return text.refusal(say(why));
  }
  const reference = world.id();
  log.error({ reference, ...facts, ...errorFacts(error) }, "discord: a command failed");
  return text.bug(reference);
}
