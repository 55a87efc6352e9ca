import { checkView } from "./limits.ts";
import type { Json, OpenView, SlackState } from "./state.ts";

type Answer = Json | { readonly error: string };

export function openView(slack: SlackState, body: Json): Answer {
  const trigger = slack.takeTrigger(String(body.trigger_id));
  if (typeof trigger === "string") return { error: trigger };
  const view = JSON.parse(String(body.view)) as Json;
  checkView(view, (sentence) => slack.violation(sentence));
  const open: OpenView = {
    id: `V${slack.count()}`,
    hash: `${slack.count()}.hash`,
    view,
    filled: new Map(),
    user: trigger.user,
    currentChannel: trigger.channel,
  };
  slack.views.push(open);
  return { view: { ...view, id: open.id, hash: open.hash } };
}

/** A member's entries stay where block and input are the same. */
export function updateView(slack: SlackState, body: Json): Answer {
  const open = slack.views.find(({ id }) => id === body.view_id);
  if (!open) return { error: "not_found" };
  if (body.hash !== undefined && body.hash !== open.hash) return { error: "hash_conflict" };
  const view = JSON.parse(String(body.view)) as Json;
  checkView(view, (sentence) => slack.violation(sentence));
  const inputs = new Map((view.blocks as Json[]).map((block) => [String(block.block_id), block.element as Json]));
  for (const block of open.filled.keys()) {
    if (!inputs.get(block)) slack.violation(`the input ${block} that a member filled in is gone`);
  }
  Object.assign(open, { view, hash: `${slack.count()}.hash` });
  return { view: { ...view, id: open.id, hash: open.hash } };
}

export function publishView(slack: SlackState, body: Json): Answer {
  const view = JSON.parse(String(body.view)) as Json;
  checkView(view, (sentence) => slack.violation(sentence));
  slack.homes.set(String(body.user_id), view);
  return { view: { ...view, id: `H${body.user_id}` } };
}
