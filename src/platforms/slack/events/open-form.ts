import type { AnyCommand } from "../../../command/command.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { choicesFor } from "./choices.ts";
import { type FormMemory, isPriced, renderModal } from "./modal.ts";
import { toQuoteInput } from "./quote-input.ts";

/** Opens the form at once; what it would cost follows by itself. Throws what the Web API throws. */
export async function openForm(
  slack: SlackContext,
  command: AnyCommand,
  opening: FormMemory,
  event: SlackEvent,
): Promise<void> {
  const memory: FormMemory = { ...opening, team: event.team };
  const view = renderModal(command, memory, event.locale, await choicesFor(slack, command, event));
  const opened = await slack.workspaces.call(event.team, { method: "views.open", patienceMs: 0 }, (client) =>
    client.views.open({ trigger_id: event.trigger ?? "", view }),
  );
  const { id, hash } = opened.view ?? {};
  const input = toQuoteInput({ prompt: "" }, memory);
  if (!isPriced(command) || !input || !id || !hash) return;
  void slack.prices.show({ id, hash, memory }, command, input, event);
}
