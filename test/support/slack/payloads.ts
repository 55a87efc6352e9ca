import { memberFile } from "./files.ts";
import type { Json, SlackMessage, SlackState, Whisper } from "./state.ts";

/** Who does something in Slack. */
export interface Who {
  readonly slack: SlackState;
  readonly origin: string;
  readonly team: string;
  readonly id: string;
  readonly name: string;
}

export function slashPayload(who: Who, command: string, text: string, channel: string): Json {
  const { slack, id, name, team } = who;
  const workspace = { team_id: team, team_domain: "atelier", is_enterprise_install: "false" };
  return {
    token: "legacy",
    api_app_id: slack.appId,
    ...workspace,
    ...{ channel_id: channel, channel_name: "general", user_id: id, user_name: name, command },
    text: typedText(text),
    response_url: responseUrl(who, channel),
    trigger_id: slack.newTrigger(id, channel),
  };
}

export function shortcutPayload(who: Who, callback_id: string): Json {
  return {
    ...sharedPayload(who, "shortcut"),
    callback_id,
    trigger_id: who.slack.newTrigger(who.id, "C1"),
    action_ts: who.slack.nextTs(),
  };
}

/** On a message of the app, or on a member's with files. */
export function messageShortcutPayload(who: Who, callback_id: string, on: SlackMessage | Json): Json {
  const { slack, id } = who;
  const ours = "looks" in on;
  const { channel, ts, thread } = on as SlackMessage;
  const { channel: _c, ts: _t, thread: _h, ...theirs } = on as Json;
  const author = ours ? { bot_id: "B1", app_id: slack.appId } : { user: "U9", ...theirs };
  return {
    ...sharedPayload(who, "message_action"),
    callback_id,
    trigger_id: slack.newTrigger(id, channel),
    action_ts: slack.nextTs(),
    message_ts: ts,
    channel: { id: channel, name: "general" },
    message: { type: "message", ts, text: "", ...(thread ? { thread_ts: thread } : {}), ...author },
    response_url: responseUrl(who, channel),
  };
}

export function pressPayload(who: Who, on: SlackMessage | Whisper, label: string): Json {
  const { slack, id } = who;
  const thread = "ts" in on && on.thread !== undefined ? { thread_ts: on.thread } : {};
  const seen = "ts" in on ? { message: { type: "message", ts: on.ts, text: on.text, ...thread } } : {};
  const ts = "ts" in on ? on.ts : `whisper-${slack.whispers.indexOf(on)}`;
  return {
    ...sharedPayload(who, "block_actions"),
    actions: [{ ...findButton(on.blocks, label), action_ts: slack.nextTs() }],
    container: { type: "message", message_ts: ts, channel_id: on.channel, is_ephemeral: !("ts" in on) },
    channel: { id: on.channel, name: "general" },
    ...seen,
    response_url: responseUrl(who, on.channel),
    trigger_id: slack.newTrigger(id, on.channel),
  };
}

/** Something pressed or chosen in a view: no response URL, no channel. */
export function viewActionPayload(who: Who, view: Json, action: Json): Json {
  return {
    ...sharedPayload(who, "block_actions"),
    actions: [{ ...action, action_ts: who.slack.nextTs() }],
    container: { type: "view", view_id: view.id },
    view: { ...view, team_id: who.team },
    trigger_id: who.slack.newTrigger(who.id),
  };
}

export function sharedPayload({ slack, team, id, name }: Who, type: string): Json {
  return {
    type,
    team: { id: team, domain: "atelier" },
    user: { id, name, username: name, team_id: team },
    token: "legacy",
    api_app_id: slack.appId,
    is_enterprise_install: false,
    enterprise: null,
  };
}

/** An event that Slack reports by itself. */
export function eventPayload({ slack, team }: Who, event: Json): Json {
  return {
    type: "event_callback",
    token: "legacy",
    team_id: team,
    api_app_id: slack.appId,
    event: { event_ts: slack.nextTs(), ...event },
    event_id: `Ev${slack.count()}`,
    event_time: Math.floor(slack.pace.now() / 1000),
    authorizations: [{ enterprise_id: null, team_id: team, user_id: slack.appUser, is_bot: true }],
    is_ext_shared_channel: false,
  };
}

/** A member's message, with the names of their files. */
export interface Writing {
  readonly channel: string;
  readonly thread?: string | undefined;
  readonly files?: readonly string[];
  /** Whatever else stands in the message. */
  readonly more?: Json;
}

export function writtenMessage(who: Who, text: string, { channel, thread, files = [], more }: Writing): Json {
  const ts = who.slack.nextTs();
  who.slack.written.add(`${channel}:${ts}`);
  return {
    user: who.id,
    text: typedText(text).replaceAll(/&lt;(@\w+)&gt;/g, "<$1>"),
    ts,
    team: who.team,
    channel,
    ...(thread ? { thread_ts: thread } : {}),
    ...(files.length > 0 ? { subtype: "file_share", files: files.map((name) => memberFile(who.origin, name)) } : {}),
    ...more,
  };
}

export function responseUrl({ slack, origin, team, id }: Who, channel: string | undefined): string {
  const key = `r${slack.count()}`;
  slack.responseUrls.set(key, { user: id, team, channel, uses: 0 });
  return `${origin}/response/${key}`;
}

export function findButton(blocks: readonly Json[], label: string): Json {
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? (block.elements as Json[]) : []));
  const button = buttons.find(({ text }) => (text as Json).text === label);
  if (!button) throw new Error(`there is no button ${label}`);
  return { ...button, block_id: "b1" };
}

/** As Slack sends it: signs escaped, and `{@U2}`, `{#C1}`, `{%S2}` as the markup that names a member, channel or group. */
function typedText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/\{@(\w+)\}/g, "<@$1|somebody>")
    .replaceAll(/\{#(\w+)\}/g, "<#$1|general>")
    .replaceAll(/\{%(\w+)\}/g, "<!subteam^$1|@a-group>");
}
