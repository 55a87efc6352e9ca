import type { Json, SlackState } from "./state.ts";

type Answer = Json | { readonly error: string };

const statuses = ["active", "processing", "suspended", "closed"];

/**
 * docs.slack.dev: `agents.sessions.setStatus`. An app that is not declared as an agent, which its scope shows, is refused
 * (KiroCrew#9822); a title counts only where a session begins; without the event of Stop there is a warning.
 */
export function setSessionStatus(slack: SlackState, body: Json): Answer {
  const { channel_id, thread_ts, status, title, initiator_user_id } = body;
  if (!slack.scopes.has("assistant:write")) return { error: "not_authorized" };
  if (!statuses.includes(String(status))) slack.violation(`a session's status is ${status}`);
  if (String(title ?? "").length > 200) slack.violation("a session's title has more than 200 characters");
  if (thread_ts === undefined) slack.violation("a session names no thread");
  const channel = String(channel_id);
  const key = `${channel}:${thread_ts}`;
  if (!slack.channels.get(channel)) return { error: "channel_not_found" };
  const isThere = slack.written.has(key) || slack.messages.some((one) => `${one.channel}:${one.ts}` === key);
  if (!isThere) return { error: "thread_not_found" };
  const session = slack.sessions.get(key) ?? {
    title: title === undefined ? undefined : String(title),
    user: initiator_user_id === undefined ? undefined : String(initiator_user_id),
    status: "",
    looks: [],
  };
  session.status = String(status);
  session.looks.push(session.status);
  slack.sessions.set(key, session);
  const warning = slack.hearsOfStop ? {} : { warning: "missing_agent_session_stopped_event_subscription" };
  return { agent_status: status, ...warning };
}

/** docs.slack.dev: `assistant.threads.setSuggestedPrompts`, for an agent. */
export function setSuggestedPrompts(slack: SlackState, body: Json): Answer {
  const prompts = JSON.parse(String(body.prompts)) as { title: string; message: string }[];
  if (body.thread_ts !== undefined) slack.violation("prompts of an agent name a thread: Slack drops them");
  if (prompts.length < 1 || prompts.length > 4) slack.violation(`${prompts.length} prompts are suggested`);
  if (prompts.some(({ title, message }) => !title || !message)) slack.violation("a suggested prompt is empty");
  slack.prompts.set(String(body.channel_id), prompts);
  return {};
}
