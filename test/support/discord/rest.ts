import type { RESTPutAPIApplicationCommandsJSONBody } from "discord-api-types/v10";
import { callback, deleteReply, editReply, followUp, seeReply } from "./callbacks.ts";
import { ApiError, type ApiHandler, type ApiRequest } from "./http.ts";
import {
  deleteMessage,
  getChannel,
  getMessage,
  listMessages,
  openDirect,
  patchMessage,
  postMessage,
  refuse,
} from "./messages.ts";
import { commandProblems } from "./rules.ts";
import { shownUser } from "./shown.ts";
import type { FakeState } from "./state.ts";
import { activeThreads, patchChannel, startPost } from "./threads.ts";

type Handler = (state: FakeState, parts: readonly string[], request: ApiRequest) => unknown;

/** Routes that take the bot's token. */
const botRoutes: readonly [string, RegExp, Handler][] = [
  ["GET", /^\/gateway\/bot$/, gatewayInformation],
  ["GET", /^\/users\/(\d+)$/, (state, [id = ""]) => knownUser(state, id)],
  ["GET", /^\/guilds\/(\d+)\/roles$/, (state, [id = ""]) => rolesOf(state, id)],
  ["GET", /^\/users\/@me$/, (state) => shownUser(state, state.botId)],
  ["GET", /^\/applications\/@me$/, (state) => ({ id: state.applicationId, name: "Atelier", flags: 0 })],
  ["GET", /^\/(applications\/\d+(?:\/guilds\/\d+)?)\/commands$/, listCommands],
  ["PUT", /^\/(applications\/\d+(?:\/guilds\/\d+)?)\/commands$/, putCommands],
  ["POST", /^\/users\/@me\/channels$/, (state, _, request) => openDirect(state, request)],
  ["GET", /^\/channels\/(\d+)\/messages$/, (state, [id = ""], request) => listMessages(state, id, request)],
  ["POST", /^\/channels\/(\d+)\/messages$/, (state, [id = ""], request) => postMessage(state, id, request)],
  ["GET", /^\/channels\/(\d+)$/, getChannel],
  ["PATCH", /^\/channels\/(\d+)$/, patchChannel],
  ["POST", /^\/channels\/(\d+)\/threads$/, (state, [id = ""], request) => startPost(state, id, request)],
  ["GET", /^\/guilds\/(\d+)\/threads\/active$/, activeThreads],
  ["GET", /^\/channels\/(\d+)\/messages\/(\d+)$/, getMessage],
  ["PATCH", /^\/channels\/(\d+)\/messages\/(\d+)$/, patchMessage],
  ["DELETE", /^\/channels\/(\d+)\/messages\/(\d+)$/, deleteMessage],
];

/** Routes that carry an interaction's token in their path. */
const tokenRoutes: readonly [string, RegExp, Handler][] = [
  [
    "POST",
    /^\/interactions\/(\d+)\/([^/]+)\/callback$/,
    (state, [id = "", token = ""], request) => callback(state, id, token, request),
  ],
  ["POST", /^\/webhooks\/\d+\/([^/]+)$/, (state, [token = ""], request) => followUp(state, token, request)],
  [
    "PATCH",
    /^\/webhooks\/\d+\/([^/]+)\/messages\/([^/]+)$/,
    (state, [token = "", id = ""], request) => editReply(state, token, id, request),
  ],
  [
    "GET",
    /^\/webhooks\/\d+\/([^/]+)\/messages\/([^/]+)$/,
    (state, [token = "", id = ""]) => seeReply(state, token, id),
  ],
  [
    "DELETE",
    /^\/webhooks\/\d+\/([^/]+)\/messages\/([^/]+)$/,
    (state, [token = "", id = ""]) => deleteReply(state, token, id),
  ],
];

/** Discord's REST API v10, as far as a bot of this kind uses it. */
export function restOf(state: FakeState): ApiHandler {
  return (request) => {
    const open = find(tokenRoutes, request);
    if (open) return open.handler(state, open.parts, request);
    const closed = find(botRoutes, request);
    if (!closed) {
      state.violations.push(`${request.method} ${request.path} is not known here`);
      throw new ApiError(404, 0, "404: Not Found");
    }
    if (!request.bot) throw new ApiError(401, 0, "401: Unauthorized");
    return closed.handler(state, closed.parts, request);
  };
}

function find(routes: readonly [string, RegExp, Handler][], { method, path }: ApiRequest) {
  for (const [routeMethod, pattern, handler] of routes) {
    const match = routeMethod === method && pattern.exec(path);
    if (match) return { handler, parts: match.slice(1).map(decodeURIComponent) };
  }
  return undefined;
}

function knownUser(state: FakeState, id: string): unknown {
  if (!state.users.has(id)) throw new ApiError(404, 10013, "Unknown User");
  return shownUser(state, id);
}

function rolesOf(state: FakeState, id: string): unknown {
  if (!state.guilds.get(id)?.installed) throw new ApiError(403, 50001, "Missing Access");
  return [{ id, name: "@everyone" }, ...state.roles];
}

function gatewayInformation({ origin, options }: FakeState): unknown {
  const session_start_limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 16 };
  return { url: origin.replace("http", "ws"), shards: options.shards ?? 1, session_start_limit };
}

function listCommands(state: FakeState, [scope = ""]: readonly string[], { query }: ApiRequest): unknown {
  const localized = query.get("with_localizations") === "true";
  return (state.commands.get(scope) ?? []).map((command, index) => ({
    ...defaulted(command, localized),
    id: String(1_200_000_000_000_000_000n + BigInt(index)),
    application_id: state.applicationId,
    version: "1200000000000000000",
    default_member_permissions: permissionsOf(command),
    dm_permission: true,
    nsfw: false,
  }));
}

/** Sent as a number, told as text. */
function permissionsOf(command: object): string | null {
  const { default_member_permissions: given } = command as { default_member_permissions?: number };
  return given === undefined ? null : String(given);
}

/** As Discord gives it back: what says nothing is null or missing, keys in an order of its own. */
function defaulted(value: object, localized: boolean): object {
  const entries = Object.entries<unknown>({ name_localizations: null, ...value }).reverse();
  const kept = entries.filter(([key, item]) => item !== false && (localized || !key.endsWith("_localizations")));
  return Object.fromEntries(
    kept.map(([key, item]) => [key, isList(item) ? item.map((each) => defaulted(each, localized)) : item]),
  );
}

function isList(value: unknown): value is object[] {
  return Array.isArray(value) && typeof value[0] === "object";
}

function putCommands(state: FakeState, [scope = ""]: readonly string[], { body }: ApiRequest): unknown {
  const commands = body as RESTPutAPIApplicationCommandsJSONBody;
  refuse(state, [...commandProblems(commands)]);
  state.commands.set(scope, commands);
  return commands;
}
