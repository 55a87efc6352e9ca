import type { AnyCommand } from "../../../command/command.ts";
import type { Fields } from "../../../command/fields.ts";
import type { Draft, Files, QuoteView } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import { type Text, textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { sentenceFor } from "../showing/tell.ts";
import { fieldOf } from "./form.ts";
import { refuseClosed, type SlackFile } from "./incoming.ts";
import type { FormMemory } from "./modal.ts";

/** Slack waits 3 s for an answer to a form. */
const patienceMs = 2000;

/** What a form would come to. */
export interface QuoteInput {
  readonly draft: Draft;
  readonly files: Files;
  /** Key of the message of ours whose images are to be edited. */
  readonly message: string | undefined;
}

/**
 * What is wrong with a form, by field, as far as a quote of its words can tell in time; files are not looked at.
 * Undefined when nothing is, or when it cannot be told: then the command itself will say it.
 */
export async function problemsIn(
  slack: SlackContext,
  command: AnyCommand,
  considered: QuoteInput,
  event: SlackEvent,
): Promise<Record<string, string> | undefined> {
  const refusal = await refusalInTime(slack, considered, event);
  if (!refusal) return undefined;
  const field = fieldOf(refusal, command.fields);
  return field === undefined ? undefined : { [field]: sentenceFor(textFor(event.locale), refusal) };
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
      if (error instanceof Refusal) return { [name]: sentenceFor(text, error) };
      throw error;
    }
  }
  return undefined;
}

/** The draft that the answers make, and what it starts from; undefined for a form that starts no job. */
export function toQuoteInput(answers: Record<string, unknown>, memory: FormMemory): QuoteInput | undefined {
  const { images, mask, prompt, job: _, ...rest } = answers;
  if (typeof prompt !== "string") return undefined;
  const { files = [], job: of, message } = memory;
  const references = files.length + (Array.isArray(images) ? images.length : 0);
  return { draft: { ...rest, prompt }, files: { references, masked: mask !== undefined, of }, message };
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
  return usecases.quote(draft, caller, { ...files, of: files.of ?? (shown && { job: shown.id }) });
}

async function refusalInTime(
  slack: SlackContext,
  considered: QuoteInput,
  event: SlackEvent,
): Promise<Refusal | undefined> {
  const stop = new AbortController();
  const refusal = quoteFor(slack, considered, event).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error : undefined),
  );
  const late = slack.context.world.sleep(patienceMs, stop.signal).then(() => undefined);
  return Promise.race([refusal, late]).finally(() => stop.abort());
}
