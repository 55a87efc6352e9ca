import { responseUrl, sharedPayload, type Who } from "./payloads.ts";
import type { Json, OpenView, SlackState } from "./state.ts";

/** A member's entries in a form, by block: a text, a number, a choice, a channel, or files. */
export type Filled = Readonly<Record<string, string | number | readonly Json[]>>;

/** As it stands: what was filled in before, and now. */
export function viewOf(who: Who, open: OpenView, filled: Filled, complete: boolean): Json {
  const { slack, team } = who;
  const inputs = (open.view.blocks as Json[]).filter(({ type }) => type === "input");
  for (const block of Object.keys(filled)) {
    if (!inputs.some(({ block_id }) => block_id === block)) throw new Error(`the form has no input ${block}`);
  }
  const values = Object.fromEntries(
    inputs.map((input) => [input.block_id, filledIn(slack, open, input, filled, complete)]),
  );
  return { ...open.view, id: open.id, hash: open.hash, root_view_id: open.id, team_id: team, state: { values } };
}

export function submitPayload(who: Who, open: OpenView, filled: Filled): Json {
  const view = viewOf(who, open, filled, true);
  const where = findWhere((view.state as Json).values as Json);
  return {
    ...sharedPayload(who, "view_submission"),
    trigger_id: who.slack.newTrigger(who.id),
    view,
    response_urls: where ? [{ ...where, response_url: responseUrl(who, where.channel_id) }] : [],
  };
}

/** As Slack's client sends it; what the client would not let through is an error of the test. */
function filledIn(slack: SlackState, open: OpenView, input: Json, filled: Filled, complete: boolean): Json {
  const element = input.element as Json;
  const block = String(input.block_id);
  const given = filled[block];
  if (given !== undefined) {
    open.filled.set(block, {
      [String(element.action_id)]: { type: element.type, ...typed(slack, open, element, given) },
    });
  }
  const known = open.filled.get(block);
  if (complete && !known && !input.optional && element.type !== "conversations_select") {
    throw new Error(`Slack does not send a form without ${block}`);
  }
  return known ?? { [String(element.action_id)]: { type: element.type, ...typed(slack, open, element, undefined) } };
}

function typed(slack: SlackState, open: OpenView, element: Json, given: Filled[string] | undefined): Json {
  switch (element.type) {
    case "plain_text_input":
    case "number_input":
      return { value: given === undefined ? null : String(given) };
    case "static_select": {
      const option = (element.options as Json[]).find(({ value }) => value === String(given));
      if (given !== undefined && !option) throw new Error(`there is no choice ${given}`);
      return { selected_option: option ?? null };
    }
    case "file_input":
      return { files: given ?? [] };
    case "users_select":
      return { selected_user: given ?? null };
    case "conversations_select":
      return { selected_conversation: given ?? (element.default_to_current_conversation ? open.currentChannel : null) };
    default:
      slack.violation(`nobody can fill in a ${element.type}`);
      return {};
  }
}

function findWhere(values: Json): { block_id: string; action_id: string; channel_id: string } | undefined {
  for (const [block_id, actions] of Object.entries(values)) {
    for (const [action_id, value] of Object.entries(actions as Json)) {
      const { selected_conversation } = value as Json;
      if (typeof selected_conversation === "string") return { block_id, action_id, channel_id: selected_conversation };
    }
  }
  return undefined;
}

export function checkErrors(slack: SlackState, ack: unknown, inputs: readonly Json[]): void {
  const { response_action, errors = {} } = (ack ?? {}) as { response_action?: string; errors?: Json };
  if (response_action === undefined) return;
  if (response_action !== "errors") slack.violation(`a form is answered with ${response_action}`);
  for (const block of Object.keys(errors)) {
    if (!inputs.some(({ block_id }) => block_id === block))
      slack.violation(`an error is about the unknown block ${block}`);
  }
}
