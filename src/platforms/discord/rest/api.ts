import type {
  APIApplication,
  APIChannel,
  APIDMChannel,
  APIInteractionResponse,
  APIMessage,
  APIUser,
  RequestData,
  RouteLike,
} from "discord.js";
import { REST, Routes } from "discord.js";
import type { World } from "../../../world.ts";
import { type Brake, createBrake } from "./brake.ts";
import { DiscordFailure, discordFailure } from "./failure.ts";
import type { Outgoing } from "./message.ts";
import { encode } from "./outgoing.ts";
import { sender } from "./upload.ts";

/** The part of Discord's REST API that this bot uses. Each call is sent once and throws DiscordFailure. */
export interface DiscordApi {
  readonly me: () => Promise<APIUser>;
  readonly application: () => Promise<APIApplication>;
  /** The first answer to an interaction, within 3 s of it. */
  readonly respond: (interaction: { id: string; token: string }, response: APIInteractionResponse) => Promise<void>;
  readonly editOriginal: (application: string, token: string, message: Outgoing) => Promise<APIMessage>;
  readonly deleteOriginal: (application: string, token: string) => Promise<void>;
  readonly followUp: (
    application: string,
    token: string,
    message: Outgoing,
    to: "caller" | "channel",
  ) => Promise<APIMessage>;
  /** Discord answers with the first message when the same nonce comes again within a few minutes. */
  readonly post: (
    channel: string,
    message: Outgoing,
    sending: { nonce: string; replyTo?: string | undefined },
  ) => Promise<APIMessage>;
  /** Repeatable: leaves the same message however often it arrives. */
  readonly edit: (channel: string, id: string, message: Outgoing) => Promise<APIMessage>;
  readonly remove: (channel: string, id: string) => Promise<void>;
  readonly message: (channel: string, id: string) => Promise<APIMessage>;
  /** The last 100 messages, newest first; none where the bot may not read the history. */
  readonly recent: (channel: string) => Promise<readonly APIMessage[]>;
  readonly channel: (id: string) => Promise<APIChannel>;
  /** The channel for direct messages with a user; the same one each time. */
  readonly openDirect: (user: string) => Promise<string>;
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
type Call = <Answer>(method: Method, route: RouteLike, data?: RequestData, channel?: string) => Promise<Answer>;

/** Discord's REST API with the bot's token; `apiUrl` without its version, as in https://discord.com/api. */
export function createApi({ token, apiUrl }: { token: string; apiUrl: string }, world: Pick<World, "now">): DiscordApi {
  const brake = createBrake(world);
  const call = caller(token, apiUrl, brake);
  return { ...interactionCalls(call), ...messageCalls(call), ...otherCalls(call), brake };
}

function caller(token: string, apiUrl: string, brake: Brake): Call {
  const rest = new REST({
    api: apiUrl.replace(/\/+$/, ""),
    retries: 0, // its own retries would send a message twice after a 5xx
    timeout: uploadMs,
    makeRequest: sender(),
    rejectOnRateLimit: ({ retryAfter }) => retryAfter > longestWaitMs,
  }).setToken(token);
  rest.on("response", (_, { status, headers }) => brake.answered(status, headers as unknown as Headers));

  return async <Answer>(method: Method, route: RouteLike, data: RequestData = {}, channel?: string) => {
    brake.before(channel);
    const signal = data.passThroughBody ? {} : { signal: AbortSignal.timeout(smallCallMs) };
    try {
      return (await rest[method](route, { ...signal, ...data })) as Answer;
    } catch (error) {
      const failure = discordFailure(error);
      brake.refused(failure, channel);
      throw failure;
    }
  };
}

function interactionCalls(call: Call) {
  return {
    respond: ({ id, token }: { id: string; token: string }, response: APIInteractionResponse) =>
      call<void>("post", Routes.interactionCallback(id, token), { body: response, auth: false }),
    editOriginal: async (application: string, token: string, message: Outgoing) =>
      call<APIMessage>("patch", Routes.webhookMessage(application, token), {
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
      channel: string,
      message: Outgoing,
      { nonce, replyTo }: { nonce: string; replyTo?: string | undefined },
    ) => {
      const reply = replyTo ? { message_reference: { message_id: replyTo, fail_if_not_exists: false } } : {};
      const data = await encode(message, { extra: { nonce, enforce_nonce: true, ...reply } });
      return call<APIMessage>("post", Routes.channelMessages(channel), data, channel);
    },
    edit: async (channel: string, id: string, message: Outgoing) =>
      call<APIMessage>("patch", Routes.channelMessage(channel, id), await encode(message, { edit: true }), channel),
    remove: (channel: string, id: string) => call<void>("delete", Routes.channelMessage(channel, id), {}, channel),
    message: (channel: string, id: string) =>
      call<APIMessage>("get", Routes.channelMessage(channel, id), {}, reading(channel)),
    recent: (channel: string) =>
      call<APIMessage[]>(
        "get",
        Routes.channelMessages(channel),
        { query: new URLSearchParams({ limit: "100" }) },
        reading(channel),
      ),
  };
}

/** Where the bot may not read, it may still be allowed to write. */
function reading(channel: string): string {
  return `${channel}:read`;
}

function otherCalls(call: Call) {
  return {
    me: () => call<APIUser>("get", Routes.user()),
    application: () => call<APIApplication>("get", Routes.currentApplication()),
    channel: (id: string) => call<APIChannel>("get", Routes.channel(id), {}, reading(id)),
    openDirect: async (user: string) =>
      (await call<APIDMChannel>("post", Routes.userChannels(), { body: { recipient_id: user } })).id,
    get: <Answer>(route: RouteLike, query?: URLSearchParams) => call<Answer>("get", route, query ? { query } : {}),
    put: <Answer>(route: RouteLike, body: unknown) => call<Answer>("put", route, { body }),
  };
}

/** What is there, or undefined where Discord does not show it. */
export async function unlessClosed<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof DiscordFailure && error.kind === "closed") return undefined;
    throw error;
  }
}
