import { openAsBlob } from "node:fs";
import type {
  APIActionRowComponent,
  APIButtonComponentWithCustomId,
  APIDMChannel,
  APIInteractionResponse,
  APIMessage,
  APIUser,
  RequestData,
  RouteLike,
} from "discord.js";
import { MessageFlags, REST, Routes } from "discord.js";
import { discordFailure } from "./failure.ts";

/** A message as this bot writes it; whatever it says, nobody is pinged by it. */
export interface Outgoing {
  /** Discord's markup, at most 2,000 characters. */
  readonly content: string;
  readonly components: readonly APIActionRowComponent<APIButtonComponentWithCustomId>[];
  readonly files?: readonly OutgoingFile[];
}

export interface OutgoingFile {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
  /** At most 1,024 characters. */
  readonly alt: string;
}

/** The part of Discord's REST API that this bot writes to. Each call is sent once and throws DiscordFailure. */
export interface DiscordApi {
  readonly me: () => Promise<APIUser>;
  /** The first answer to an interaction, within 3 s of it. */
  readonly respond: (interaction: { id: string; token: string }, response: APIInteractionResponse) => Promise<void>;
  readonly editOriginal: (application: string, token: string, message: Outgoing) => Promise<APIMessage>;
  readonly followUp: (
    application: string,
    token: string,
    message: Outgoing,
    to: "caller" | "channel",
  ) => Promise<APIMessage>;
  /** Discord answers with the first message when the same nonce comes again within a few minutes. */
  readonly post: (channel: string, message: Outgoing, nonce: string) => Promise<APIMessage>;
  /** The last 100 messages, newest first; none where the bot may not read the history. */
  readonly recent: (channel: string) => Promise<readonly APIMessage[]>;
  /** The channel for direct messages with a user; the same one each time. */
  readonly openDirect: (user: string) => Promise<string>;
  readonly get: <Answer>(route: RouteLike, query?: URLSearchParams) => Promise<Answer>;
  readonly put: <Answer>(route: RouteLike, body: unknown) => Promise<Answer>;
}

/** Bounds the upload of 25 MB over a slow line; everything without files gets `smallCallMs`. */
const uploadMs = 180_000;
const smallCallMs = 15_000;
/** A longer wait than this is for the queue of deliveries, not for an open request. */
const longestWaitMs = 30_000;

/** Discord's REST API with the bot's token; `apiUrl` without its version, as in https://discord.com/api. */
export function createApi({ token, apiUrl }: { token: string; apiUrl: string }): DiscordApi {
  const rest = new REST({
    api: apiUrl.replace(/\/+$/, ""),
    retries: 0, // its own retries would send a message twice after a 5xx
    timeout: uploadMs,
    rejectOnRateLimit: ({ retryAfter }) => retryAfter > longestWaitMs,
  }).setToken(token);

  async function call<Answer>(method: "get" | "post" | "put" | "patch", route: RouteLike, data: RequestData = {}) {
    const signal = data.passThroughBody ? {} : { signal: AbortSignal.timeout(smallCallMs) };
    try {
      return (await rest[method](route, { ...signal, ...data })) as Answer;
    } catch (error) {
      throw discordFailure(error);
    }
  }

  return {
    me: () => call<APIUser>("get", Routes.user()),
    respond: ({ id, token }, response) =>
      call("post", Routes.interactionCallback(id, token), { body: response, auth: false }),
    editOriginal: async (application, token, message) =>
      call<APIMessage>("patch", Routes.webhookMessage(application, token), {
        ...(await encode(message, {})),
        auth: false,
      }),
    followUp: async (application, token, message, to) =>
      call<APIMessage>("post", Routes.webhook(application, token), {
        ...(await encode(message, to === "caller" ? { flags: MessageFlags.Ephemeral } : {})),
        auth: false,
      }),
    post: async (channel, message, nonce) =>
      call<APIMessage>("post", Routes.channelMessages(channel), await encode(message, { nonce, enforce_nonce: true })),
    recent: (channel) =>
      call<APIMessage[]>("get", Routes.channelMessages(channel), { query: new URLSearchParams({ limit: "100" }) }),
    openDirect: async (user) =>
      (await call<APIDMChannel>("post", Routes.userChannels(), { body: { recipient_id: user } })).id,
    get: (route, query) => call("get", route, query ? { query } : {}),
    put: (route, body) => call("put", route, { body }),
  };
}

/** The only place where messages become requests, so that none leaves without its muzzle. */
async function encode(message: Outgoing, extra: object): Promise<RequestData> {
  const { files = [], content, components } = message;
  const attachments = files.map((file, index) => ({ id: String(index), filename: file.name, description: file.alt }));
  const body = {
    content,
    components,
    allowed_mentions: { parse: [] },
    ...(files.length > 0 ? { attachments } : {}), // on an edit they replace what an earlier try attached
    ...extra,
  };
  return files.length > 0 ? { body: await form(body, files), passThroughBody: true } : { body };
}

/** Blobs that read their file while it is sent: nothing is held in memory, and a 429 can send it all again. */
async function form(body: object, files: readonly OutgoingFile[]): Promise<FormData> {
  const data = new FormData();
  data.set("payload_json", JSON.stringify(body));
  for (const [index, file] of files.entries()) {
    data.set(`files[${index}]`, await openAsBlob(file.path, { type: file.mime }), file.name);
  }
  return data;
}
