import type { AnyCommand } from "../../../command/command.ts";
import type { Fields } from "../../../command/fields.ts";
import { meantBy, type QuoteView } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { refusalSentence, type Text, textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { fieldOf } from "./form.ts";
import { refuseClosed, type SlackFile } from "./incoming.ts";
import type { QuoteInput } from "./quote-input.ts";

/** Slack waits 3 s for an answer to a form. */
const patienceMs = 2000;

/**
 * Finds problems of a form, by field, as far as a quote of its words can tell in time; files are not looked at.
 * Undefined when nothing is, or when it cannot be told: then the command itself will say it.
 */
export async function problemsIn(
  slack: SlackContext,
  command: AnyCommand,
  input: QuoteInput,
  event: SlackEvent,
): Promise<Record<string, string> | undefined> {
  const refusal = await refusalInTime(slack, input, event);
  if (!refusal) return undefined;
  const field = fieldOf(refusal, command.fields);
  return field === undefined ? undefined : { [field]: refusalSentence(textFor(event.locale), refusal) };
}

/** A file that cannot be had, by field; known without asking anybody. */
export function closedFileIn(
  { fields }: AnyCommand,
  answers: Record<string, unknown>,
  text: Text,
): Record<string, string> | undefined {
  for (const [name, { kind }] of Object.entries(fields as Fields)) {
    if (kind !== "image" && kind !== "images") continue;
    try {
      for (const file of [answers[name] ?? []].flat()) refuseClosed(file as SlackFile);
    } catch (error) {
      if (error instanceof Refusal) return { [name]: refusalSentence(text, error) };
      throw error;
    }
  }
  return undefined;
}

export async function quoteFor(
  slack: SlackContext,
  { draft, files, message }: QuoteInput,
  event: SlackEvent,
): Promise<QuoteView> {
  const { team, user } = event;
  const { usecases } = slack.context;
  const caller = callerOf(event, { team, user, private: true });
  const shown = message === undefined ? undefined : await usecases.jobOfMessage(message, caller);
  return usecases.quote(draft, caller, { ...files, of: files.of ?? (shown && meantBy(shown)) });
}

async function refusalInTime(slack: SlackContext, input: QuoteInput, event: SlackEvent): Promise<Refusal | undefined> {
  const stop = new AbortController();
  const refusal = quoteFor(slack, input, event).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error : undefined),
  );
  const late = slack.context.world.sleep(patienceMs, stop.signal).then(() => undefined);
  return Promise.race([refusal, late]).finally(() => stop.abort());
}
