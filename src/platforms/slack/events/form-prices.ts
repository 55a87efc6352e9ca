import type { types } from "@slack/bolt";
import { Refusal } from "../../../errors.ts";
import { refusalSentence, textFor } from "../../../text/text.ts";
import { codeOf } from "../api/faults.ts";
import type { FormPrices, SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { choicesFor } from "./choices.ts";
import { renderModal } from "./modal.ts";
import { quoteFor } from "./precheck.ts";
import type { QuoteInput } from "./quote-input.ts";

const remembered = 1000;

/** The newest choices count. */
export function createFormPrices(slackOf: () => SlackContext): FormPrices {
  /** The newest turn of each form, and the hash that our last change of it left. */
  const forms = new Map<string, { turn: number; hash?: string | undefined }>();
  let turns = 0;

  return {
    async show(form, command, input, event) {
      const slack = slackOf();
      const turn = ++turns;
      const before = forms.get(form.id);
      forms.set(form.id, { ...before, turn });
      if (forms.size > remembered) forms.delete(forms.keys().next().value ?? "");
      const isNewest = () => forms.get(form.id)?.turn === turn;
      try {
        const price = await priceText(slack, input, event);
        if (!isNewest()) return;
        const view = renderModal(command, form.memory, event.locale, await choicesFor(slack, command, event), price);
        const hash = await update(slack, form.id, view, before?.hash ?? form.hash, event.team, isNewest);
        const known = forms.get(form.id);
        if (known) forms.set(form.id, { ...known, hash });
      } catch (err) {
        slack.context.log.info({ form: form.id, err }, "Slack does not show a price");
      }
    },
  };
}

/** The hash of the form as it is now; undefined when something newer is to be shown. */
async function update(
  { workspaces }: SlackContext,
  id: string,
  view: types.ModalView,
  hash: string | undefined,
  team: string,
  isNewest: () => boolean,
): Promise<string | undefined> {
  const how = { method: "views.update", order: id, patienceMs: 0 };
  const put = (known: { hash?: string }) =>
    workspaces.call(team, how, (client) => client.views.update({ view_id: id, view, ...known }));
  try {
    return (await put(hash === undefined ? {} : { hash })).view?.hash;
  } catch (error) {
    if (codeOf(error) !== "hash_conflict") throw error;
    // it changed in between, but what is newest here is still the price to show
    return isNewest() ? (await put({})).view?.hash : undefined;
  }
}

async function priceText(slack: SlackContext, input: QuoteInput, event: SlackEvent): Promise<string> {
  const text = textFor(event.locale);
  const { draft } = input;
  const written = draft.prompt.trim() === "" ? { ...draft, prompt: "…" } : draft; // nobody writes first and chooses then
  try {
    const { title, paragraphs } = text.quote(await quoteFor(slack, { ...input, draft: written }, event));
    return [title, ...paragraphs].join("\n");
  } catch (error) {
    if (error instanceof Refusal) return refusalSentence(text, error);
    throw error;
  }
}
