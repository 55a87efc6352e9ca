import type { APIMessageTopLevelComponent } from "discord-api-types/v10";
import { ApiError, type ApiRequest } from "./fake-discord-http.ts";
import { type MessageBody, messageProblems } from "./fake-discord-rules.ts";
import {
  type FakeAttachment,
  type FakeChannel,
  type FakeMessage,
  type FakeState,
  type FakeUser,
  shownMessage,
} from "./fake-discord-state.ts";

const requestLimit = 25 * 1024 * 1024;
/** Discord says "the past few minutes". */
const nonceMemoryMs = 5 * 60_000;

/** Refuses what Discord would refuse; what breaks a rule is written down as well. */
export function checkMessage(state: FakeState, { body, files, bytes }: ApiRequest): MessageBody {
  const message = (body ?? {}) as MessageBody;
  if (files.some((file) => file.bytes.length > state.fileLimit) || bytes > requestLimit) {
    throw new ApiError(413, 40005, "Request entity too large");
  }
  refuse(state, [...messageProblems(message, files)]);
  return message;
}

export function refuse(state: FakeState, problems: readonly string[]): void {
  if (problems.length === 0) return;
  state.violations.push(...problems);
  throw new ApiError(400, 50035, `Invalid Form Body: ${problems.join("; ")}`);
}

interface NewMessage {
  readonly channel: FakeChannel;
  readonly author: string;
  readonly ephemeral: boolean;
  readonly thinking?: boolean;
  readonly nonce?: string | undefined;
}

export function storeMessage(state: FakeState, made: NewMessage, request?: ApiRequest): FakeMessage {
  const message: FakeMessage = {
    id: state.snowflake(),
    thinking: false,
    nonce: undefined,
    content: "",
    components: [],
    attachments: [],
    edits: 0,
    editedAt: [],
    at: state.now(),
    ...made,
  };
  if (request) write(state, message, request);
  if (!message.thinking && message.content === "" && message.attachments.length === 0) {
    throw new ApiError(400, 50006, "Cannot send an empty message");
  }
  state.messages.push(message);
  state.changed();
  return message;
}

export function editMessage(state: FakeState, message: FakeMessage, request: ApiRequest): void {
  checkMessage(state, request);
  write(state, message, request);
  message.edits += 1;
  message.editedAt.push(state.now());
  state.changed();
}

function write(state: FakeState, message: FakeMessage, request: ApiRequest): void {
  const body = (request.body ?? {}) as MessageBody;
  if (body.content !== undefined) message.content = body.content;
  if (body.components !== undefined) message.components = body.components as APIMessageTopLevelComponent[];
  if (body.attachments !== undefined || request.files.length > 0) message.attachments = attach(state, message, request);
  message.thinking = false;
}

function attach(state: FakeState, { channel }: FakeMessage, { body, files }: ApiRequest): FakeAttachment[] {
  const described = (body as MessageBody).attachments ?? [];
  return files.map(({ index, filename, bytes }) => {
    const description = described.find(({ id }) => String(id) === index)?.description ?? undefined;
    return storeFile(state, channel, { filename, description, bytes });
  });
}

/** A file on the CDN: GET its `url`. */
export function storeFile(
  state: FakeState,
  channel: FakeChannel,
  { filename, description, bytes }: { filename: string; description?: string | undefined; bytes: Buffer },
): FakeAttachment {
  const id = state.snowflake();
  const path = `/attachments/${channel.id}/${id}/${encodeURIComponent(filename)}`;
  const file = { id, filename, description, size: bytes.length, url: `${state.origin}${path}?ex=ffffffff`, bytes };
  state.files.set(path, file);
  return file;
}

/** POST /channels/:id/messages */
export function postMessage(state: FakeState, id: string, request: ApiRequest): unknown {
  const channel = writableChannel(state, id);
  const body = checkMessage(state, request);
  const nonce = body.nonce === undefined ? undefined : String(body.nonce);
  const earlier = state.messages.find(
    (message) => nonce && message.nonce === nonce && message.at > state.now() - nonceMemoryMs,
  );
  if (earlier && body.enforce_nonce) return { ...shownMessage(state, earlier), nonce };
  const message = storeMessage(state, { channel, author: state.botId, ephemeral: false, nonce }, request);
  return { ...shownMessage(state, message), nonce };
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
    .map((message) => shownMessage(state, message));
}

function visibleChannel(state: FakeState, id: string): FakeChannel {
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
  const channel: FakeChannel = { id: state.snowflake(), kind: "dm", guild: undefined, may, deleted: false };
  state.directs.set(user.id, channel);
  state.channels.set(channel.id, channel);
  return channel;
}
