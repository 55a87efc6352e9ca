import type {
  APIApplication,
  APIChannel,
  APIDMChannel,
  APIInteractionResponse,
  APIMessage,
  APIRole,
  APIThreadChannel,
  APIUser,
  RequestData,
  RouteLike,
} from "discord.js";
import { REST, RESTJSONErrorCodes, Routes } from "discord.js";
import { type Brake, type BrakeOptions, createBrake } from "./brake.ts";
import type { Act, Aim, Destination } from "./destination.ts";
import { DiscordFailure, discordFailure } from "./failure.ts";
import type { Outgoing } from "./message.ts";
import { encode, type PostHead } from "./outgoing.ts";
import { sender } from "./upload.ts";

/** The part of Discord's REST API that this bot uses. Each call is sent once and throws DiscordFailure. */
export interface DiscordApi {
  readonly me: () => Promise<APIUser>;
  readonly application: () => Promise<APIApplication>;
  /** The first answer to an interaction, within 3 s of it. */
  readonly respond: (
    interaction: { id: string; token: string },
    response: APIInteractionResponse,
    signal?: AbortSignal,
  ) => Promise<void>;
  readonly original: (application: string, token: string) => Promise<APIMessage>;
  readonly editOriginal: (application: string, token: string, message: Outgoing) => Promise<APIMessage>;
  /** The same for a message that a follow-up added. */
  readonly editFollowUp: (application: string, token: string, id: string, message: Outgoing) => Promise<APIMessage>;
  readonly deleteOriginal: (application: string, token: string) => Promise<void>;
  readonly followUp: (
    application: string,
    token: string,
    message: Outgoing,
    to: "caller" | "channel",
  ) => Promise<APIMessage>;
  /** Discord answers with the first message when the same nonce comes again within a few minutes. */
  readonly post: (
    to: Destination,
    message: Outgoing,
    sending: { nonce: string; replyTo?: string | undefined },
  ) => Promise<APIMessage>;
  /** Starts a post in a channel of posts: a thread with that message at its head, which has the thread's id. */
  readonly startPost: (to: Destination, message: Outgoing, post: PostHead) => Promise<APIThreadChannel>;
  /** The threads of a guild that are not archived, as far as the bot sees them. */
  readonly activeThreads: (guild: string) => Promise<readonly APIThreadChannel[]>;
  /** Repeatable: leaves the same message however often it arrives. Opens an archived thread again. */
  readonly edit: (at: Destination, id: string, message: Outgoing) => Promise<APIMessage>;
  readonly remove: (at: Destination, id: string) => Promise<void>;
  readonly message: (at: Destination, id: string) => Promise<APIMessage>;
  /** The last 100 messages, newest first; none where the bot may not read the history. */
  readonly recent: (at: Destination) => Promise<readonly APIMessage[]>;
  readonly channel: (at: Destination) => Promise<APIChannel>;
  readonly user: (id: string) => Promise<APIUser>;
  readonly roles: (guild: string) => Promise<readonly APIRole[]>;
  /** The channel for direct messages with a user, the same one each time; `guild` is where that user made the bot write. */
  readonly openDirect: (user: string, guild?: string) => Promise<Destination>;
  readonly get: <Answer>(route: RouteLike, query?: URLSearchParams) => Promise<Answer>;
  readonly put: <Answer>(route: RouteLike, body: unknown) => Promise<Answer>;
  readonly brake: Brake;
}

/** Bounds the upload of 25 MB over a slow line; everything without files gets `smallCallMs`. */
const uploadMs = 180_000;
const smallCallMs = 15_000;
/** A longer wait than this is for the queue of deliveries, not for an open request. */
const longestWaitMs = 30_000;

type Method = "get" | "post" | "put" | "patch" | "delete";
type Call = <Answer>(method: Method, route: RouteLike, data?: RequestData, aim?: Aim) => Promise<Answer>;

/** Discord's REST API with the bot's token; `apiUrl` without its version, as in https://discord.com/api. */
export function createApi({ token, apiUrl }: { token: string; apiUrl: string }, options: BrakeOptions): DiscordApi {
  const brake = createBrake(options);
  const makeRequest = sender();
  const connect = (limits: Partial<REST["options"]> = {}) => {
    const rest = restAt(apiUrl, { makeRequest, ...limits });
    rest.on("response", (_, { status, headers }) => brake.answered(status, headers as unknown as Headers));
    return rest;
  };
  // Discord does not count answers to interactions against the bot's own limits: they have a client that never waits.
  const byToken = caller(connect({ globalRequestsPerSecond: Number.POSITIVE_INFINITY }));
  const call = braked(connect(), token, brake);
  return { ...interactionCalls(byToken), ...messageCalls(call), ...otherCalls(call), brake };
}

function restAt(apiUrl: string, options: Partial<REST["options"]>): REST {
  return new REST({
    api: apiUrl.replace(/\/+$/, ""),
    retries: 0, // its own retries would send a message twice after a 5xx
    timeout: uploadMs,
    rejectOnRateLimit: ({ retryAfter }) => retryAfter > longestWaitMs,
    ...options,
  });
}

function caller(rest: REST): Call {
  return async <Answer>(method: Method, route: RouteLike, data: RequestData = {}) => {
    const signal = data.passThroughBody ? {} : { signal: AbortSignal.timeout(smallCallMs) };
    try {
      return (await rest[method](route, { ...signal, ...data })) as Answer;
    } catch (error) {
      throw discordFailure(error);
    }
  };
}

function braked(rest: REST, token: string, brake: Brake): Call {
  const send = caller(rest.setToken(token));
  return async <Answer>(method: Method, route: RouteLike, data?: RequestData, aim?: Aim) => {
    brake.before(aim);
    try {
      const answer = await send<Answer>(method, route, data);
      brake.accepted(aim);
      return answer;
    } catch (error) {
      const failure = discordFailure(error);
      brake.refused(failure, aim);
      if (failure.tokenRefused) rest.setToken(token); // the library forgets it for good; the brake sees to the pause
      throw failure;
    }
  };
}

function interactionCalls(call: Call) {
  return {
    respond: (
      { id, token }: { id: string; token: string },
      response: APIInteractionResponse,
      signal: AbortSignal = AbortSignal.timeout(smallCallMs),
    ) => call<void>("post", Routes.interactionCallback(id, token), { body: response, auth: false, signal }),
    original: (application: string, token: string) =>
      call<APIMessage>("get", Routes.webhookMessage(application, token), { auth: false }),
    editOriginal: async (application: string, token: string, message: Outgoing) =>
      call<APIMessage>("patch", Routes.webhookMessage(application, token), {
        ...(await encode(message, { edit: true })),
        auth: false,
      }),
    editFollowUp: async (application: string, token: string, id: string, message: Outgoing) =>
      call<APIMessage>("patch", Routes.webhookMessage(application, token, id), {
        ...(await encode(message, { edit: true })),
        auth: false,
      }),
    deleteOriginal: (application: string, token: string) =>
      call<void>("delete", Routes.webhookMessage(application, token), { auth: false }),
    followUp: async (application: string, token: string, message: Outgoing, to: "caller" | "channel") =>
      call<APIMessage>("post", Routes.webhook(application, token), {
        ...(await encode(message, { ephemeral: to === "caller" })),
        auth: false,
      }),
  };
}

function messageCalls(call: Call) {
  return {
    post: async (
      to: Destination,
      message: Outgoing,
      { nonce, replyTo }: { nonce: string; replyTo?: string | undefined },
    ) => {
      const reply = replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {};
      const data = await encode(message, { extra: { nonce, enforce_nonce: true, ...reply } });
      return call<APIMessage>("post", Routes.channelMessages(to.channel), data, aim("post", to, message));
    },
    startPost: async (to: Destination, message: Outgoing, post: PostHead) => {
      const data = await encode(message, { post });
      return call<APIThreadChannel>("post", Routes.threads(to.channel), data, aim("post", to, message));
    },
    edit: async (at: Destination, id: string, message: Outgoing) => {
      const data = await encode(message, { edit: true });
      const edit = () => call<APIMessage>("patch", Routes.channelMessage(at.channel, id), data, aim("edit", at));
      return edit().catch(async (error) => {
        if (!isArchived(error)) throw error;
        await call("patch", Routes.channel(at.channel), { body: { archived: false } }, aim("edit", at));
        return edit();
      });
    },
    remove: (at: Destination, id: string) =>
      call<void>("delete", Routes.channelMessage(at.channel, id), {}, aim("edit", at)),
    message: (at: Destination, id: string) =>
      call<APIMessage>("get", Routes.channelMessage(at.channel, id), {}, aim("read", at)),
    recent: (at: Destination) => {
      const query = new URLSearchParams({ limit: "100" });
      return call<APIMessage[]>("get", Routes.channelMessages(at.channel), { query }, aim("read", at));
    },
  };
}

function isArchived(error: unknown): boolean {
  return error instanceof DiscordFailure && error.code === RESTJSONErrorCodes.InvalidActionOnArchivedThread;
}

function aim(act: Act, { channel, guild }: Destination, { files = [] }: Partial<Outgoing> = {}): Aim {
  return { channel, guild, act, files: files.length > 0 };
}

function otherCalls(call: Call) {
  return {
    me: () => call<APIUser>("get", Routes.user()),
    application: () => call<APIApplication>("get", Routes.currentApplication()),
    channel: (at: Destination) => call<APIChannel>("get", Routes.channel(at.channel), {}, aim("read", at)),
    user: (id: string) => call<APIUser>("get", Routes.user(id)),
    activeThreads: async (guild: string) => {
      const to = aim("read", { channel: `threads of ${guild}`, guild });
      return (await call<{ threads: APIThreadChannel[] }>("get", Routes.guildActiveThreads(guild), {}, to)).threads;
    },
    roles: (guild: string) =>
      call<APIRole[]>("get", Routes.guildRoles(guild), {}, aim("read", { channel: `roles of ${guild}`, guild })),
    openDirect: async (user: string, guild?: string) => {
      const body = { recipient_id: user };
      const to = aim("post", { channel: `with ${user}`, guild });
      const { id } = await call<APIDMChannel>("post", Routes.userChannels(), { body }, to);
      return { channel: id, guild };
    },
    get: <Answer>(route: RouteLike, query?: URLSearchParams) => call<Answer>("get", route, query ? { query } : {}),
    put: <Answer>(route: RouteLike, body: unknown) => call<Answer>("put", route, { body }),
  };
}

/** Resolves to what is there, or to undefined where Discord does not show it now. */
export async function unlessClosed<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof DiscordFailure && (error.kind === "closed" || error.kind === "held")) return undefined;
    throw error;
  }
}
