import { checkMessage, checkView } from "./fake-slack-limits.ts";
import type { Json, SlackFile, SlackMessage, SlackState } from "./fake-slack-state.ts";

/** What a method answers; `error` alone means ok: false. */
export type Answer = Json | { readonly error: string };

export interface SlackMethod {
  readonly scope?: string;
  readonly token?: "app";
  readonly run: (slack: SlackState, body: Json, origin: string) => Answer;
}

/** The Web API methods that the app may use, each with Slack's own conditions. */
export const methods: Readonly<Record<string, SlackMethod>> = {
  "auth.test": { run: (slack) => ({ team_id: slack.team, user_id: "UBOT", bot_id: "B1" }) },
  "apps.connections.open": {
    token: "app",
    run: (slack, _body, origin) => ({ url: `${origin.replace("http", "ws")}/socket?ticket=${slack.count()}` }),
  },
  "chat.postMessage": { scope: "chat:write", run: postMessage },
  "chat.postEphemeral": { scope: "chat:write", run: postEphemeral },
  "chat.update": { scope: "chat:write", run: update },
  "chat.delete": { scope: "chat:write", run: remove },
  "views.open": { run: openView },
  "files.getUploadURLExternal": { scope: "files:write", run: getUploadUrl },
  "files.completeUploadExternal": { scope: "files:write", run: completeUpload },
  "files.info": { scope: "files:read", run: fileInfo },
};

function postMessage(slack: SlackState, body: Json): Answer {
  const asked = String(body.channel);
  const channel = asked.startsWith("U") ? `D${asked}` : asked;
  if (channel.startsWith("D") && !slack.channels.has(channel)) slack.channels.set(channel, true);
  const refused = membership(slack, channel) ?? wrongBlocks(slack, body);
  if (refused) return refused;
  if (body.unfurl_links !== "false" || body.unfurl_media !== "false") slack.violation("a message unfurls links");
  const content = { text: String(body.text), blocks: blocksOf(body) };
  const thread = body.thread_ts === undefined ? undefined : String(body.thread_ts);
  const message = { channel, ts: slack.nextTs(), thread, ...content, deleted: false, looks: [content] };
  slack.messages.push(message);
  return { channel, ts: message.ts };
}

function postEphemeral(slack: SlackState, body: Json): Answer {
  const refused = membership(slack, String(body.channel)) ?? wrongBlocks(slack, body);
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

function update(slack: SlackState, body: Json): Answer {
  const message = findMessage(slack, body);
  if (!message) return { error: "message_not_found" };
  const refused = membership(slack, message.channel) ?? wrongBlocks(slack, body);
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

function openView(slack: SlackState, body: Json): Answer {
  const trigger = slack.takeTrigger(String(body.trigger_id));
  if (typeof trigger === "string") return { error: trigger };
  const view = JSON.parse(String(body.view)) as Json;
  checkView(view, (sentence) => slack.violation(sentence));
  const open = { id: `V${slack.count()}`, hash: `${slack.count()}.hash`, view };
  slack.views.push({ ...open, user: trigger.user, currentChannel: trigger.channel });
  return { view: { ...view, id: open.id, hash: open.hash } };
}

function getUploadUrl(slack: SlackState, body: Json, origin: string): Answer {
  const id = `F${String(slack.count()).padStart(9, "0")}`;
  const file: SlackFile = {
    id,
    filename: String(body.filename),
    length: Number(body.length),
    completed: 0,
    notReadyFor: slack.filesNotReadyFor,
  };
  if (!(file.length > 0)) slack.violation("an upload does not say how long it is");
  slack.files.set(id, file);
  return { upload_url: `${origin}/upload/${id}`, file_id: id };
}

function completeUpload(slack: SlackState, body: Json): Answer {
  if (body.channel_id ?? body.channels) slack.violation("an upload is shared instead of shown by a message");
  for (const { id } of JSON.parse(String(body.files)) as { id: string }[]) {
    const file = slack.files.get(id);
    if (!file?.bytes) slack.violation("an upload is completed before its bytes are there");
    if (!file) return { error: "file_not_found" };
    file.completed++;
  }
  return { files: [] };
}

function fileInfo(slack: SlackState, body: Json): Answer {
  const file = slack.files.get(String(body.file));
  if (!file) return { error: "file_not_found" };
  const ready = file.completed > 0 && file.notReadyFor-- <= 0;
  return { file: { id: file.id, name: file.filename, mimetype: ready ? mimetypeOf(file) : "" } };
}

/** Can it be seen in an image block? Slack finishes it some time after it was completed. */
function isShowable(file: SlackFile | undefined): boolean {
  return file !== undefined && file.completed > 0 && file.notReadyFor < 0 && /png|jpeg|gif/.test(mimetypeOf(file));
}

function mimetypeOf({ bytes }: SlackFile): string {
  if (bytes?.subarray(1, 4).toString("latin1") === "PNG") return "image/png";
  return bytes?.[0] === 0xff ? "image/jpeg" : "application/octet-stream";
}

function membership(slack: SlackState, channel: string): Answer | undefined {
  const inThere = slack.channels.get(channel);
  if (inThere === undefined) return { error: "channel_not_found" };
  return inThere ? undefined : { error: "not_in_channel" };
}

function wrongBlocks(slack: SlackState, body: Json): Answer | undefined {
  const blocks = blocksOf(body);
  checkMessage(body.text, blocks, (sentence) => slack.violation(sentence));
  const wrong = blocks.findIndex(
    ({ type, slack_file }) => type === "image" && !isShowable(slack.files.get(String((slack_file as Json).id))),
  );
  if (wrong < 0) return undefined;
  const message = `[ERROR] invalid slack file [json-pointer:/blocks/${wrong}/slack_file]`;
  return { error: "invalid_blocks", response_metadata: { messages: [message] } };
}

function blocksOf(body: Json): Json[] {
  return body.blocks === undefined ? [] : JSON.parse(String(body.blocks));
}

function findMessage(slack: SlackState, { channel, ts }: Json): SlackMessage | undefined {
  return slack.messages.find((message) => message.channel === channel && message.ts === ts && !message.deleted);
}
