import type { AnyCommand } from "../../../command/command.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import type { Draft, Files, QuoteView } from "../../../usecases/usecases.ts";
import type { Parts } from "../parts.ts";
import { sentenceFor } from "../showing/tell.ts";
import { type Asked, callerOf } from "./asked.ts";
import { fieldOf } from "./form.ts";

/** Slack waits 3 s for an answer to a form. */
const patienceMs = 2000;

/** What a form would come to. */
export interface Considered {
  readonly draft: Draft;
  readonly files: Files;
}

/**
 * What is wrong with a form, by field, as far as a quote of its words can tell in time; files are not looked at.
 * Undefined when nothing is, or when it cannot be told: then the command itself will say it.
 */
export async function problemsIn(
  parts: Parts,
  command: AnyCommand,
  considered: Considered,
  asked: Asked,
): Promise<Record<string, string> | undefined> {
  const refusal = await refusalInTime(parts, considered, asked);
  if (!refusal) return undefined;
  const field = fieldOf(refusal, command.fields);
  return field === undefined ? undefined : { [field]: sentenceFor(textFor(asked.locale), refusal) };
}

/** The draft that the answers make, and the files behind it; undefined for a form that starts no job. */
export function consider(answers: Record<string, unknown>, earlier: number): Considered | undefined {
  const { images, mask, prompt, job, ...rest } = answers;
  if (typeof prompt !== "string") return undefined;
  const references = earlier + (Array.isArray(images) ? images.length : 0) + (job === undefined ? 0 : 1);
  return { draft: { ...rest, prompt }, files: { references, masked: mask !== undefined } };
}

export async function quoteFor(parts: Parts, { draft, files }: Considered, asked: Asked): Promise<QuoteView> {
  const { team, user } = asked;
  return parts.context.usecases.quote(draft, callerOf(asked, { team, user, private: true }), files);
}

async function refusalInTime(parts: Parts, considered: Considered, asked: Asked): Promise<Refusal | undefined> {
  const stop = new AbortController();
  const refusal = quoteFor(parts, considered, asked).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error : undefined),
  );
  const late = parts.context.world.sleep(patienceMs, stop.signal).then(() => undefined);
  return Promise.race([refusal, late]).finally(() => stop.abort());
}
