import type { AnyCommand } from "../../../command/command.ts";
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
  const services = usecases.services({});
  if (!hasField(command, ({ kind }) => kind === "style")) return { services };
  const { team, user } = event;
  return { services, styles: await usecases.styles.names(callerOf(event, { team, user, private: true })) };
}
