import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import { withComparison } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { hasField } from "./lookup.ts";
import type { FormChoices } from "./modal.ts";

/** Looks up what the member can choose from in the form of a command; no form waits for more than the database. */
export async function choicesFor(
  { context: { usecases } }: SlackContext,
  command: AnyCommand,
  event: SlackEvent,
): Promise<FormChoices> {
  const { team, user } = event;
  const caller = callerOf(event, { team, user, private: true });
  const has = (wanted: Field["kind"]) => hasField(command, ({ kind }) => kind === wanted);
  return {
    services: withComparison(usecases.services({}), command, textFor(event.locale).batches.compare),
    ...(has("style") ? { styles: await usecases.styles.names(caller) } : {}),
    ...(has("reference") ? { references: await usecases.references.names(caller) } : {}),
  };
}
