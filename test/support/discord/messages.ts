import type { APIMessageTopLevelComponent } from "discord-api-types/v10";
import { ApiError, type ApiRequest } from "./http.ts";
import { type MessageBody, messageProblems, textsIn } from "./rules.ts";
import { seenMessage, shownChannel, shownMessage } from "./shown.ts";
import type { FakeAttachment, FakeChannel, FakeMessage, FakeState, FakeUser } from "./state.ts";

const requestLimit = 25 * 1024 * 1024;
/** Discord says "the past few minutes". */
const nonceMemoryMs = 5 * 60_000;
const v2Flag = 1 << 15;

/** Refuses what Discord would refuse; what breaks a rule is written down as well. */
export function checkMessage(
  state: FakeState,
  { body, files, bytes }: ApiRequest,
  before: readonly FakeAttachment[] = [],
): MessageBody {
  const message = (body ?? {}) as MessageBody;
  const limit = Math.max(requestLimit, state.fileLimit);
  if (files.some((file) => file.bytes.length > state.fileLimit) || bytes > limit) {
    throw new ApiError(413, 40005, "Request entity too large");
  }
  refuse(state, [...messageProblems(message, files, before)]);
  return message;
}

export function refuse(state: FakeState, problems: readonly string[]): void {
  if (problems.length === 0) return;
  state.violations.push(...problems);
  throw new ApiError(400, 50035, `Invalid Form Body: ${problems.join("; ")}`);
}

type NewMessage = Pick<FakeMessage, "channel" | "author" | "ephemeral"> & Partial<FakeMessage>;

export function storeMessage(state: FakeState, made: NewMessage, request?: ApiRequest): FakeMessage {
  const message: FakeMessage = {
    ...{ id: state.snowflake(), at: state.now(), thinking: false, nonce: undefined, content: "", v2: false },
    ...{
      components: [],
      attachments: [],
      embeds: [],
      stickers: [],
      replyTo: undefined,
      forwarded: [],
      mentionsBot: false,
    },
    ...{ edits: 0, editedAt: [] },
    ...made,
  };
  if (request) write(state, message, request);
  const empty = message.content === "" && message.attachments.length === 0 && message.components.length === 0;
  if (!message.thinking && empty && message.author === state.botId) {
    throw new ApiError(400, 50006, "Cannot send an empty message");
  }
  state.messages.push(message);
  state.changed();
  return message;
}

export function editMessage(state: FakeState, message: FakeMessage, request: ApiRequest): void {
  if (message.channel.archived) throw new ApiError(400, 50083, "Thread is archived");
  const { flags = 0 } = checkMessage(state, request, message.attachments);
  if (message.v2 && (Number(flags) & v2Flag) === 0) refuse(state, ["the second kind of components cannot be left"]);
  write(state, message, request);
  message.edits += 1;
  message.editedAt.push(state.now());
  state.changed();
}

function write(state: FakeState, message: FakeMessage, request: ApiRequest): void {
  const body = (request.body ?? {}) as MessageBody;
  if (Number(body.flags ?? 0) & v2Flag) message.v2 = true;
  if (body.components !== undefined) message.components = body.components as APIMessageTopLevelComponent[];
  if (message.v2) message.content = textsIn(message.components).join("\n");
  else if (body.content !== undefined) message.content = body.content;
  if (body.attachments !== undefined || request.files.length > 0) message.attachments = attach(state, message, request);
  message.thinking = false;
}

/** Files that are kept come before new ones; what an edit does not name is gone. */
function attach(state: FakeState, message: FakeMessage, { body, files }: ApiRequest): FakeAttachment[] {
  const named = (body as MessageBody).attachments ?? [];
  const kept = message.attachments.flatMap((file) => {
    const now = named.find(({ id }) => id === file.id);
    if (!now) return [];
    const { description = file.description, is_spoiler: spoiler = file.spoiler } = now;
    return [{ ...file, description: description ?? undefined, spoiler }];
  });
  const added = files.map(({ index, filename, bytes }) => {
    const { description, is_spoiler: spoiler } = named.find(({ id }) => String(id) === index) ?? {};
    return storeFile(state, message.channel, { filename, description: description ?? undefined, spoiler, bytes });
  });
  return [...kept, ...added];
}

/** A file on the CDN: GET its `url`. */
export function storeFile(
  state: FakeState,
  channel: FakeChannel,
  { filename, description, spoiler, bytes }: Pick<FakeAttachment, "filename" | "bytes"> & Partial<FakeAttachment>,
): FakeAttachment {
  const id = state.snowflake();
  const path = `/attachments/${channel.id}/${id}/${encodeURIComponent(filename)}`;
  const url = `${state.origin}${path}?ex=ffffffff`;
  const file = { id, filename, description, spoiler, size: bytes.length, url, bytes };
  state.files.set(path, file);
  return file;
}

/** POST /channels/:id/messages */
export function postMessage(state: FakeState, id: string, request: ApiRequest): unknown {
  const channel = writableChannel(state, id);
  const body = checkMessage(state, request);
  if (request.files.length > 0 && channel.may.attach === false) throw new ApiError(403, 50013, "Missing Permissions");
  const nonce = body.nonce === undefined ? undefined : String(body.nonce);
  const earlier = state.messages.find(
    (message) => nonce && message.nonce === nonce && message.at > state.now() - nonceMemoryMs,
  );
  if (earlier && body.enforce_nonce) return { ...shownMessage(state, earlier), nonce };
  const { message_id, fail_if_not_exists } = body.message_reference ?? {};
  const replyTo = state.messages.find((message) => message.id === message_id && message.channel === channel);
  if (message_id && !replyTo && fail_if_not_exists !== false) refuse(state, ["message_reference: Unknown message"]);
  const message = storeMessage(state, { channel, author: state.botId, ephemeral: false, nonce, replyTo }, request);
  return { ...shownMessage(state, message), nonce };
}

/** PATCH /channels/:id/messages/:message */
export function patchMessage(state: FakeState, [channel = "", id = ""]: readonly string[], request: ApiRequest) {
  const message = channelMessage(state, channel, id);
  if (message.author !== state.botId) throw new ApiError(403, 50005, "Cannot edit a message authored by another user");
  editMessage(state, message, request);
  return shownMessage(state, message);
}

/** DELETE /channels/:id/messages/:message */
export function deleteMessage(state: FakeState, [channel = "", id = ""]: readonly string[]): undefined {
  removeMessage(state, channelMessage(state, channel, id));
}

export function removeMessage(state: FakeState, message: FakeMessage): void {
  state.messages.splice(state.messages.indexOf(message), 1);
  state.removed.push(message);
  state.changed();
}

/** GET /channels/:id/messages/:message */
export function getMessage(state: FakeState, [channel = "", id = ""]: readonly string[]): unknown {
  const { may } = visibleChannel(state, channel);
  if (!may.history) throw new ApiError(403, 50013, "Missing Permissions");
  return seenMessage(state, channelMessage(state, channel, id));
}

function channelMessage(state: FakeState, channel: string, id: string): FakeMessage {
  visibleChannel(state, channel);
  const found = state.messages.find((each) => each.id === id && each.channel.id === channel && !each.ephemeral);
  if (!found) throw new ApiError(404, 10008, "Unknown Message");
  return found;
}

/** GET /channels/:id/messages */
export function listMessages(state: FakeState, id: string, { query }: ApiRequest): unknown {
  const channel = visibleChannel(state, id);
  if (!channel.may.history) return [];
  const limit = Number(query.get("limit") ?? 50);
  if (limit < 1 || limit > 100) refuse(state, [`limit=${limit}`]);
  const shown = state.messages.filter((message) => message.channel === channel && !message.ephemeral);
  return shown
    .slice(-limit)
    .reverse()
    .map((message) => seenMessage(state, message));
}

/** GET /channels/:id */
export function getChannel(state: FakeState, [id = ""]: readonly string[]): unknown {
  return shownChannel(visibleChannel(state, id));
}

export function visibleChannel(state: FakeState, id: string): FakeChannel {
  const channel = state.channels.get(id);
  if (!channel || channel.deleted) throw new ApiError(404, 10003, "Unknown Channel");
  const member = channel.kind === "dm" || channel.guild?.installed === true;
  if (!member || !channel.may.view) throw new ApiError(403, 50001, "Missing Access");
  return channel;
}

function writableChannel(state: FakeState, id: string): FakeChannel {
  const channel = visibleChannel(state, id);
  if (!channel.may.send) throw new ApiError(403, 50013, "Missing Permissions");
  const closed = [...state.directs].some(([user, direct]) => direct === channel && state.users.get(user)?.dmsClosed);
  if (closed) throw new ApiError(403, 50007, "Cannot send messages to this user");
  if (channel.kind === "forum" || channel.kind === "media") {
    throw new ApiError(400, 50008, "Cannot send messages in a non-text channel");
  }
  if (channel.locked) throw new ApiError(400, 160005, "Thread is locked");
  channel.archived = false;
  return channel;
}

/** POST /users/@me/channels */
export function openDirect(state: FakeState, { body }: ApiRequest): unknown {
  const user = state.users.get((body as { recipient_id: string }).recipient_id);
  if (!user) throw new ApiError(400, 50033, "Invalid Recipient(s)");
  const channel = directChannel(state, user);
  return { id: channel.id, type: 1, recipients: [{ id: user.id, username: user.name }] };
}

export function directChannel(state: FakeState, user: FakeUser): FakeChannel {
  const known = state.directs.get(user.id);
  if (known) return known;
  const may = { view: true, send: true, history: true };
  const id = state.snowflake();
  const channel: FakeChannel = { id, kind: "dm", guild: undefined, nsfw: false, may, deleted: false };
  state.directs.set(user.id, channel);
  state.channels.set(channel.id, channel);
  return channel;
}
