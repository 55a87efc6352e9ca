import type { AnyCommand } from "../../../command/command.ts";
import type { Asked } from "../asked.ts";
import type { Parts } from "../context.ts";
import { type FormMemory, isPriced, renderModal } from "./modal.ts";
import { consider } from "./precheck.ts";

/** Opens the form at once; what it would cost follows by itself. Throws what the Web API throws. */
export async function openForm(parts: Parts, command: AnyCommand, memory: FormMemory, asked: Asked): Promise<void> {
  const { usecases } = parts.context;
  const view = renderModal(command, memory, asked.locale, usecases.services({}));
  const opened = await parts.workspaces.call(asked.team, { method: "views.open", patienceMs: 0 }, (client) =>
    client.views.open({ trigger_id: asked.trigger ?? "", view }),
  );
  const { id, hash } = opened.view ?? {};
  const considered = consider({ prompt: "" }, memory);
  if (!isPriced(command) || !considered || !id || !hash) return;
  void parts.prices.show(parts, { id, hash, memory }, command, considered, asked);
}
