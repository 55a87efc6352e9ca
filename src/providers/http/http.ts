import { openAsBlob } from "node:fs";
import { Agent, buildConnector, type Dispatcher, errors, FormData, request } from "undici";
import { ProviderError, type RefusedFor } from "../../errors.ts";
import type { Proxies } from "../../flow/proxies.ts";
import { throughProxies } from "../../flow/tunnel.ts";
import { unpacked } from "../../flow/unpack.ts";
import type { FileFormat } from "../../image.ts";
import type { Json } from "../decode/json.ts";
import { readShortJson } from "../decode/short-json.ts";
import type { CallContext } from "../provider.ts";
import { answeredError, referenceOf, type ServiceIdentity } from "./service-error.ts";

export interface ServiceAccess extends ServiceIdentity {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly proxies?: Proxies | undefined;
}

/** The body of a paid call: a JSON object, or a form whose files are read from disk while they are sent. */
export type Payload =
  | { readonly json: Readonly<Record<string, string | number | boolean>> }
  | { readonly fields: Readonly<Record<string, string>>; readonly files: readonly FormFile[] };

export interface FormFile {
  readonly field: string;
  readonly path: string;
  readonly format: FileFormat;
}

/** A status of success; what its body holds is not known yet. */
export interface Answer {
  /** Throws ProviderError `unknown` when it breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where it came from: what is relative in it counts from here. */
  readonly url?: string | undefined;
  /** The service's id of the call (`x-request-id`). */
  readonly reference: string | undefined;
  /** Ends the connection, when nothing more is wanted from it. */
  readonly drop?: (() => void) | undefined;
}

export interface ServiceConnection {
  readonly service: ServiceAccess;
  /** One paid POST, sent at most once. Throws ProviderError; an error of `beforeSend` passes, and nothing is sent. */
  post(path: string, payload: Payload, context: CallContext): Promise<Answer>;
  /** One free GET of half a minute at most; may be repeated by the caller. Throws ProviderError, `not-sent` when no answer came. */
  get(path: string, signal?: AbortSignal): Promise<Json>;
  /** Like `get`, for an answer of any size, read while it arrives: it may take as long as more of it keeps coming. */
  open(path: string, signal: AbortSignal): Promise<Answer>;
  /**
   * Proves address and key by a free GET of the list of models, as far as that can be: a service whose documents name no
   * such list (`isDocumented` false) may answer that there is none. Throws ProviderError with one sentence.
   */
  prove(path: string, isDocumented: boolean): Promise<void>;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const proofTimeoutMs = 10_000;
const getTimeoutMs = 30_000;
const slackMs = 20_000; // the call's own deadline must strike first: it knows what to do
const maxJsonBytes = 64 * 1024;
const ownHeaders = { accept: "application/json", "accept-encoding": "identity", "user-agent": "atelier" };

/** Opens the only way by which this program speaks HTTP to an image service. Nothing is sent yet. */
export function connectTo(service: ServiceAccess): ServiceConnection {
  const agent = agentFor(service.timeoutMs + slackMs, service.proxies);
  const send = (path: string, options: Omit<Dispatcher.RequestOptions, "origin" | "path">) =>
    request(`${service.baseUrl}${path}`, { dispatcher: agent, ...options });
  const ask = (path: string, options: Partial<Dispatcher.RequestOptions>) =>
    send(path, { method: "GET", headers: { ...ownHeaders, ...keyOf(service) }, ...options }).catch((cause) => {
      throw notSent(service, cause);
    });
  return {
    service,
    async post(path, payload, context) {
      const body = await bodyOf(service, payload);
      if (context.signal.aborted) throw notSent(service, context.signal.reason);
      await context.beforeSend();
      if (context.signal.aborted) throw notSent(service, context.signal.reason);
      const headers = { ...headersOf(payload), ...keyOf(service) };
      const response = await send(path, { method: "POST", headers, body, signal: context.signal }).catch((cause) => {
        throw unanswered(service, cause);
      });
      return { ...(await answerOf(service, response)), url: `${service.baseUrl}${path}` };
    },
    async get(path, given) {
      const deadline = AbortSignal.timeout(getTimeoutMs);
      const response = await ask(path, { signal: given ? AbortSignal.any([given, deadline]) : deadline });
      const body = await jsonOf(response);
      const { statusCode: status } = response;
      if (status >= 200 && status < 300 && body !== undefined) return body;
      throw answeredError(service, { status, headers: response.headers, body });
    },
    async open(path, signal) {
      const pauses = { headersTimeout: getTimeoutMs, bodyTimeout: getTimeoutMs };
      const answer = await answerOf(service, await ask(path, { signal, ...pauses }));
      return { ...answer, url: `${service.baseUrl}${path}` };
    },
    async prove(path, isDocumented) {
      const response = await ask(path, { headersTimeout: proofTimeoutMs, bodyTimeout: proofTimeoutMs });
      const problem = problemOf(response, await jsonOf(response), isDocumented);
      const { statusCode: status } = response;
      if (problem) throw new ProviderError(service.name, "refused", problem.sentence, { status, ...problem.details });
    },
    close: async () => {
      if (!agent.closed) await agent.close();
    },
  };
}

/** An error with which no connection came about: by it the call was certainly not sent. */
class NotConnected extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = "NotConnected";
  }
}

/**
 * One connection for each call and never a second use (`pipelining: 0`): on a kept one, a socket that the other side
 * has just closed looks the same as a call that ran.
 */
function agentFor(timeoutMs: number, proxies: Proxies | undefined): Agent {
  const connect = throughProxies(buildConnector({ timeout: connectTimeoutMs, allowH2: false }), proxies);
  return new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 0,
    allowH2: false,
    // Marking errors here is surer than a list of codes: ECONNRESET and ETIMEDOUT happen before and after sending.
    connect: (options, callback) =>
      connect(options, (error, socket) => (error ? callback(new NotConnected(error), null) : callback(null, socket))),
  });
}

function headersOf(payload: Payload): Record<string, string> {
  return "json" in payload ? { ...ownHeaders, "content-type": "application/json" } : ownHeaders;
}

function keyOf({ apiKey }: ServiceIdentity): { authorization: string } {
  return { authorization: `Bearer ${apiKey}` };
}

async function bodyOf(service: ServiceIdentity, payload: Payload): Promise<string | FormData> {
  if ("json" in payload) return JSON.stringify(payload.json);
  const form = new FormData();
  for (const [name, value] of Object.entries(payload.fields)) form.append(name, value);
  for (const [index, { field, path, format }] of payload.files.entries()) {
    try {
      form.append(field, await openAsBlob(path, { type: `image/${format}` }), `${index + 1}.${format}`);
    } catch (cause) {
      throw notSent(service, cause);
    }
  }
  return form;
}

async function answerOf(service: ServiceIdentity, response: Dispatcher.ResponseData): Promise<Answer> {
  const { statusCode: status, headers } = response;
  if (status >= 200 && status < 300) {
    const drop = () => void response.body.destroy();
    return { body: readable(service, bodyFrom(response)), status, headers, reference: referenceOf(headers), drop };
  }
  throw answeredError(service, { status, headers, body: await jsonOf(response) });
}

function bodyFrom({ body, headers }: Dispatcher.ResponseData): AsyncIterable<Uint8Array> {
  return unpacked(body, headers["content-encoding"]);
}

async function* readable(service: ServiceIdentity, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new ProviderError(service.name, "unknown", "the answer broke off", { cause });
  }
}

/** Undefined when it is no short JSON document: then the status must do. */
function jsonOf(response: Dispatcher.ResponseData): Promise<Json | undefined> {
  return readShortJson(bodyFrom(response), { most: maxJsonBytes, drop: () => void response.body.destroy() });
}

interface Problem {
  readonly sentence: string;
  readonly details: { readonly refusedFor?: RefusedFor };
}

/** Says, for the operator, what the answer to the list of models proves to be wrong. */
function problemOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  body: Json | undefined,
  isDocumented: boolean,
): Problem | undefined {
  if (statusCode === 401 || statusCode === 403) {
    return { sentence: `the service does not accept the API key (HTTP ${statusCode})`, details: { refusedFor: "key" } };
  }
  if (statusCode >= 500) return { sentence: `the service has trouble (HTTP ${statusCode})`, details: {} };
  const isPage = String(headers["content-type"]).includes("text/html");
  const isThere = statusCode < 300 ? body !== undefined && !isPage : !isPage || !isDocumented;
  const isMissing = isDocumented && (statusCode === 404 || statusCode === 405);
  if (isThere && !isMissing) return undefined;
  const found = isPage ? "a web page" : `HTTP ${statusCode}`;
  return {
    sentence: `${found} stands where the API should be: look at the base URL`,
    details: { refusedFor: "request" },
  };
}

function unanswered(service: ServiceIdentity, cause: unknown): ProviderError {
  if (cause instanceof NotConnected || cause instanceof errors.InvalidArgumentError) return notSent(service, cause);
  return new ProviderError(service.name, "unknown", "no answer came", { cause });
}

function notSent(service: ServiceIdentity, cause: unknown): ProviderError {
  return new ProviderError(service.name, "not-sent", "the call was not sent", { cause });
}

/** An address as operators write it, with or without a slash or the API's own path at its end. */
export function apiRoot(baseUrl: string, path: `/${string}`): string {
  const url = baseUrl.replace(/\/+$/, "");
  return new URL(url).pathname === "/" ? `${url}${path}` : url;
}
