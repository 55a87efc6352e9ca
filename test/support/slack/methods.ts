import { setSessionStatus, setSuggestedPrompts } from "./agent.ts";
import { completeUpload, fileInfo, getUploadUrl, isShowable } from "./files.ts";
import { checkMessage } from "./limits.ts";
import type { Json, SlackMessage, SlackState } from "./state.ts";
import { openView, publishView, updateView } from "./views.ts";
import { completeError, completeSuccess, deleteFile, getPermalink } from "./workflows.ts";

/** The answer of a method; `error` alone means ok: false. */
export type Answer = Json | { readonly error: string };

export interface SlackMethod {
  readonly scope?: string;
  readonly token?: "app" | "none";
  /** `team` is the workspace of the token. */
  readonly run: (slack: SlackState, body: Json, origin: string, team: string) => Answer;
}

/** The Web API methods that the app may use, each with Slack's own conditions. */
export const methods: Readonly<Record<string, SlackMethod>> = {
  "auth.test": {
    run: (slack, _body, _origin, team) => ({ team_id: team, user_id: slack.appUser, bot_id: "B1", ...slack.identity }),
  },
  "apps.connections.open": {
    token: "app",
    run: (slack, _body, origin) => ({ url: `${origin.replace("http", "ws")}/socket?ticket=${slack.count()}` }),
  },
  "agents.sessions.setStatus": { scope: "chat:write", run: setSessionStatus },
  "assistant.threads.setSuggestedPrompts": { scope: "assistant:write", run: setSuggestedPrompts },
  "chat.postMessage": { scope: "chat:write", run: postMessage },
  "chat.postEphemeral": { scope: "chat:write", run: postEphemeral },
  "chat.update": { scope: "chat:write", run: update },
  "chat.delete": { scope: "chat:write", run: remove },
  "views.open": { run: openView },
  "views.update": { run: updateView },
  "views.publish": { run: publishView },
  "users.info": { scope: "users:read", run: usersInfo },
  "usergroups.list": {
    scope: "usergroups:read",
    run: (slack) => ({
      usergroups: [...slack.groups].map(([id, users]) => ({ id, users, handle: `handle-of-${id}` })),
    }),
  },
  "conversations.join": { scope: "channels:join", run: join },
  "oauth.v2.access": { token: "none", run: access },
  "files.getUploadURLExternal": { scope: "files:write", run: getUploadUrl },
  "files.completeUploadExternal": { scope: "files:write", run: completeUpload },
  "files.delete": { scope: "files:write", run: deleteFile },
  "functions.completeSuccess": { run: completeSuccess },
  "functions.completeError": { run: completeError },
  "chat.getPermalink": { run: getPermalink },
  "files.info": { scope: "files:read", run: fileInfo },
};

function postMessage(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const asked = String(body.channel);
  const channel = asked.startsWith("U") ? `D${asked}` : asked;
  if (channel.startsWith("D") && !slack.channels.has(channel)) slack.channels.set(channel, true);
  const refused = membership(slack, channel) ?? wrongBlocks(slack, body, team);
  if (refused) return refused;
  if (body.unfurl_links !== "false" || body.unfurl_media !== "false") slack.violation("a message unfurls links");
  const content = { text: String(body.text), blocks: blocksOf(body) };
  const thread = body.thread_ts === undefined ? undefined : String(body.thread_ts);
  const message = { channel, ts: slack.nextTs(), thread, ...content, deleted: false, looks: [content] };
  slack.messages.push(message);
  return { channel, ts: message.ts };
}

function postEphemeral(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const refused = membership(slack, String(body.channel)) ?? wrongBlocks(slack, body, team);
  if (refused) return refused;
  slack.whispers.push({
    user: String(body.user),
    channel: String(body.channel),
    by: "chat.postEphemeral",
    text: String(body.text),
    blocks: blocksOf(body),
  });
  return { message_ts: slack.nextTs() };
}

function update(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const message = findMessage(slack, body);
  if (!message) return { error: "message_not_found" };
  const refused = membership(slack, message.channel) ?? wrongBlocks(slack, body, team);
  if (refused) return refused;
  const content = { text: String(body.text), blocks: blocksOf(body) };
  Object.assign(message, content);
  message.looks.push(content);
  return { channel: message.channel, ts: message.ts };
}

function remove(slack: SlackState, body: Json): Answer {
  const message = findMessage(slack, body);
  if (!message) return { error: "message_not_found" };
  message.deleted = true;
  return {};
}

function usersInfo(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const known = slack.members.get(String(body.user)) ?? { locale: "en-US", admin: false, displayName: "ada" };
  const { locale, admin, displayName, more = {} } = known;
  const profile = { display_name: displayName };
  return { user: { id: body.user, team_id: team, locale, is_admin: admin, is_owner: false, profile, ...more } };
}

function join(slack: SlackState, body: Json): Answer {
  const channel = String(body.channel);
  if (!slack.channels.has(channel)) return { error: "channel_not_found" };
  if (!channel.startsWith("C")) return { error: "method_not_supported_for_channel_type" };
  slack.channels.set(channel, true);
  return { channel: { id: channel } };
}

/** A workspace installs the app: the code names it. */
function access(slack: SlackState, body: Json): Answer {
  const team = /^code-of-(\w+)$/.exec(String(body.code))?.[1];
  if (!team) return { error: "invalid_code" };
  const token = `xoxb-of-${team}-${slack.count()}`;
  slack.tokens.set(token, team);
  const whole = team.startsWith("E"); // an organisation
  return {
    access_token: token,
    token_type: "bot",
    scope: [...slack.scopes].join(","),
    bot_user_id: slack.appUser,
    app_id: slack.appId,
    team: whole ? null : { id: team, name: team },
    enterprise: whole ? { id: team, name: team } : null,
    authed_user: { id: "U1" },
    is_enterprise_install: whole,
  };
}

function membership(slack: SlackState, channel: string): Answer | undefined {
  const inThere = slack.channels.get(channel);
  if (inThere === undefined) return { error: "channel_not_found" };
  return inThere ? undefined : { error: "not_in_channel" };
}

function wrongBlocks(slack: SlackState, body: Json, team: string): Answer | undefined {
  const blocks = blocksOf(body);
  checkMessage(body.text, blocks, (sentence) => slack.violation(sentence));
  const unknown = unknownBlock(slack, team, blocks);
  if (unknown) return unknown;
  const wrong = blocks.findIndex(
    ({ type, slack_file }) => type === "image" && !isShowable(slack.files.get(String((slack_file as Json).id))),
  );
  if (wrong < 0) return undefined;
  const message = `[ERROR] invalid slack file [json-pointer:/blocks/${wrong}/slack_file]`;
  return { error: "invalid_blocks", response_metadata: { messages: [message] } };
}

/** Slack's answer when this workspace does not take one of the blocks. */
export function unknownBlock(slack: SlackState, team: string, blocks: readonly Json[]): Answer | undefined {
  const types = slack.unknownBlocks.get(team) ?? [];
  const at = blocks.findIndex(({ type }) => types.includes(String(type)));
  if (at < 0) return undefined;
  const message = `[ERROR] unsupported type: ${blocks[at]?.type} [json-pointer:/blocks/${at}/type]`;
  return { error: "invalid_blocks", errors: [message], response_metadata: { messages: [message] } };
}

function blocksOf(body: Json): Json[] {
  return body.blocks === undefined ? [] : JSON.parse(String(body.blocks));
}

function findMessage(slack: SlackState, { channel, ts }: Json): SlackMessage | undefined {
  return slack.messages.find((message) => message.channel === channel && message.ts === ts && !message.deleted);
}
