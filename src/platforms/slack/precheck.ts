import type { AnyCommand } from "../../command/command.ts";
import { Refusal } from "../../errors.ts";
import { textFor } from "../../text/text.ts";
import type { Draft } from "../../usecases/usecases.ts";
import { type Asked, callerOf } from "./event.ts";
import { fieldOf } from "./form.ts";
import type { Parts } from "./parts.ts";
import { sentenceFor } from "./tell.ts";

/** Slack waits 3 s for an answer to a form. */
const patienceMs = 2000;

/**
 * What is wrong with a form, by field, as far as a quote of its words can tell in time; files are not looked at.
 * Undefined when nothing is, or when it belongs to no field: then the command itself will say it.
 */
export async function problemsIn(
  parts: Parts,
  command: AnyCommand,
  answers: Record<string, unknown>,
  asked: Asked,
): Promise<Record<string, string> | undefined> {
  const { images: _, mask: __, prompt, ...rest } = answers;
  if (typeof prompt !== "string") return undefined;
  const refusal = await refusalInTime(parts, { ...rest, prompt }, asked);
  if (!refusal) return undefined;
  const field = fieldOf(refusal, command.fields);
  return field === undefined ? undefined : { [field]: sentenceFor(textFor(asked.locale), refusal) };
}

async function refusalInTime({ context }: Parts, draft: Draft, asked: Asked): Promise<Refusal | undefined> {
  const caller = callerOf(asked, { team: asked.team, user: asked.user, private: true });
  const stop = new AbortController();
  const refusal = context.usecases.quote(draft, caller).then(
    () => undefined,
    (error: unknown) => (error instanceof Refusal ? error : undefined),
  );
  const late = context.world.sleep(patienceMs, stop.signal).then(() => undefined);
  return Promise.race([refusal, late]).finally(() => stop.abort());
}
