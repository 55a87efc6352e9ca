import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { type Agent, request } from "undici";
import type { Proxies } from "../../flow/proxies.ts";
import { createAgents } from "./agents.ts";
import { DownloadError } from "./download-error.ts";
import { PrivateAddress } from "./public-address.ts";

const maxRedirects = 2;
const redirects = [301, 302, 303, 307, 308];

export interface DownloadLimits {
  readonly maxBytes: number;
  /** For all of it, redirects included. */
  readonly timeoutMs: number;
  /** Sent to the URL's own origin, and to redirects within `authorizedFor`. */
  readonly authorization?: string | undefined;
  /** An origin: hosts below it count, by the same protocol. */
  readonly authorizedFor?: string | undefined;
  readonly signal?: AbortSignal;
  /** Kept over several tries: a later one goes on behind the bytes of an earlier one. */
  readonly progress?: DownloadProgress | undefined;
}

/** Remembers how far a download has come. */
export interface DownloadProgress {
  bytes: number;
  /** By it the server knows whether the file is still the same (RFC 9110, 13.1.5). */
  validator: string | undefined;
}

/** The bytes behind a URL, as they arrive. Throws DownloadError. */
export type Downloader = (url: string, limits: DownloadLimits) => AsyncGenerator<Uint8Array>;

export interface DownloaderOptions {
  /** `scheme://host:port`; may be plain http, and on private addresses. */
  readonly trustedOrigins: readonly string[];
  readonly connectTimeoutMs: number;
  readonly lookup?: LookupFunction | undefined;
  readonly proxies?: Proxies | undefined;
}

interface Hop {
  readonly url: URL;
  readonly progress: DownloadProgress;
  readonly authorization: string | undefined;
  readonly authorizedFor: string | undefined;
}

/** GETs of URLs that came from outside: public https, and the trusted origins, and nothing that these redirect to instead. */
export function createDownloader(options: DownloaderOptions): Downloader {
  const { connectTimeoutMs: timeoutMs, lookup = systemLookup as LookupFunction, proxies } = options;
  const trusted = new Set(options.trustedOrigins.map((origin) => new URL(origin).origin));
  const { open, guarded } = createAgents({ timeoutMs, lookup, proxies });

  function dispatcherFor(url: URL): Agent {
    if (!["http:", "https:"].includes(url.protocol))
      throw new DownloadError("blocked", `${url.protocol} is not https:`);
    if (url.username || url.password) throw new DownloadError("blocked", "credentials in the URL");
    if (trusted.has(url.origin)) return open;
    if (url.protocol !== "https:") throw new DownloadError("blocked", "plain http");
    return guarded;
  }

  async function get({ url, authorization, progress }: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const dispatcher = dispatcherFor(url);
    const headers = {
      ...{ accept: "image/*", "user-agent": "atelier" },
      ...(authorization ? { authorization } : {}),
      ...(progress.bytes > 0 ? { range: `bytes=${progress.bytes}-`, "if-range": progress.validator } : {}),
    };
    return request(url, { dispatcher, headers, signal });
  }

  async function follow(first: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let hop = first;
    for (let followed = 0; followed <= maxRedirects; followed += 1) {
      const answer = await get(hop, signal);
      if (!redirects.includes(answer.statusCode)) return answer;
      await answer.body.dump();
      hop = nextHop(hop, answer.headers.location);
    }
    throw new DownloadError("blocked", `more than ${maxRedirects} redirects`);
  }

  return async function* download(url, limits) {
    const deadline = AbortSignal.timeout(limits.timeoutMs);
    const signal = limits.signal ? AbortSignal.any([limits.signal, deadline]) : deadline;
    try {
      const { authorization, authorizedFor, progress = { bytes: 0, validator: undefined } } = limits;
      const answer = await follow({ url: parse(url), progress, authorization, authorizedFor }, signal);
      await refuseUnlessImage(answer, progress);
      progress.validator = validatorOf(answer);
      yield* counted(answer.body, limits.maxBytes, progress);
    } catch (error) {
      throw explain(error, deadline, limits.signal);
    }
  };
}

/** An authorization that was once left behind stays behind. */
function nextHop({ url, authorization, authorizedFor, progress }: Hop, location: string | string[] | undefined): Hop {
  if (typeof location !== "string") throw new DownloadError("blocked", "a redirect to nowhere");
  const next = parse(location, url);
  const goesAlong = next.origin === url.origin || isWithin(next, authorizedFor);
  return { url: next, progress, authorization: goesAlong ? authorization : undefined, authorizedFor };
}

/** At the origin itself or below its host (files.slack.com for slack.com), by the same protocol. */
function isWithin(url: URL, origin: string | undefined): boolean {
  if (origin === undefined) return false;
  const allowed = new URL(origin);
  if (url.protocol !== allowed.protocol) return false;
  return url.origin === allowed.origin || url.hostname.endsWith(`.${allowed.hostname}`);
}

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw new DownloadError("blocked", "not a URL");
  return url;
}

/** Slack answers 200 with its login page when the token or its scope is missing. */
async function refuseUnlessImage(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { bytes }: DownloadProgress,
): Promise<void> {
  const isPage = /^\s*(?:text\/html|application\/xhtml)/i.test(String(headers["content-type"] ?? ""));
  const goesOn = statusCode === 206 && String(headers["content-range"]).startsWith(`bytes ${bytes}-`);
  if (bytes > 0 ? goesOn : statusCode === 200 && !isPage) return;
  await body.dump();
  if (isPage && statusCode === 200) throw new DownloadError("not-an-image", "a web page instead of an image");
  throw new DownloadError("status", `HTTP ${statusCode}`, {
    status: statusCode,
    retryAfterMs: Number(headers["retry-after"] ?? Number.NaN) * 1000 || undefined,
  });
}

/** Undefined where the server does not say how to tell that the file is the same, byte for byte. */
function validatorOf({ headers }: Dispatcher.ResponseData): string | undefined {
  const { etag, "last-modified": changed } = headers;
  if (typeof etag === "string" && etag.startsWith('"')) return etag;
  return typeof changed === "string" ? changed : undefined;
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  progress: DownloadProgress,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    progress.bytes += chunk.length;
    if (progress.bytes > maxBytes) throw new DownloadError("too-large", `more than ${maxBytes} bytes`);
    yield chunk;
  }
}

function explain(error: unknown, deadline: AbortSignal, given: AbortSignal | undefined): DownloadError {
  if (error instanceof DownloadError) return error;
  if (error instanceof PrivateAddress) return new DownloadError("blocked", error.message);
  if (given?.aborted) return new DownloadError("aborted", "given up", { cause: error });
  if (deadline.aborted) return new DownloadError("timeout", "took too long", { cause: error });
  return new DownloadError("unreachable", "the connection failed", { cause: error });
}
