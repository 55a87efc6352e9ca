import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from "discord.js";

/**
 * Says what a failed request means, decided once:
 * `closed` Discord will not take this here, another way may be open; `too-large` it would take smaller files;
 * `later` it may have arrived or not, and may be tried again; `held` it was not sent, as its server refuses too much now:
 * another way may be open, and it may be tried later; `bug` the request was wrong.
 */
export type FailureKind = "closed" | "too-large" | "later" | "held" | "bug";

/** A request that Discord did not answer with success. Carries neither URL nor body: they hold interaction tokens. */
export class DiscordFailure extends Error {
  readonly kind: FailureKind;
  /** Discord's own code, 10062 for example; 0 when there is none. */
  readonly code: number;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** At most an hour. */
  readonly retryAfterMs: number;
  /** Discord does not know the bot by its token. */
  readonly tokenRefused: boolean;
  /** The fields that Discord refused, as it words them. */
  readonly fields: readonly RefusedField[];

  constructor(kind: FailureKind, message: string, details: Details) {
    super(message);
    this.name = "DiscordFailure";
    this.kind = kind;
    this.code = details.code ?? 0;
    this.status = details.status;
    this.retryAfterMs = Math.min(details.retryAfterMs ?? 10_000, longestWaitMs);
    this.tokenRefused = details.tokenRefused ?? false;
    this.fields = details.fields ?? [];
  }
}

interface Details {
  readonly code?: number;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly tokenRefused?: boolean;
  readonly fields?: readonly RefusedField[];
}

/** A field of a request's body: `["0", "options", "2", "name"]`, and why Discord does not take it. */
export interface RefusedField {
  readonly path: readonly string[];
  readonly reason: string;
}

/** It failed without a change anywhere, and may be tried later. */
export function isForLater(error: unknown): error is DiscordFailure {
  return error instanceof DiscordFailure && (error.kind === "later" || error.kind === "held");
}

const longestWaitMs = 3_600_000;

const operatorMs = 600_000; // a dead token or a ban ends by an operator's hand, not soon
const badRequests: readonly (number | string)[] = [
  RESTJSONErrorCodes.InvalidFormBodyOrContentType,
  RESTJSONErrorCodes.RequestBodyContainsInvalidJSON,
  RESTJSONErrorCodes.CannotSendAnEmptyMessage,
];

/** Anything that `@discordjs/rest` can throw, as what it means. */
export function discordFailure(error: unknown): DiscordFailure {
  if (error instanceof DiscordFailure) return error;
  if (error instanceof RateLimitError) {
    const retryAfterMs = Math.max(error.retryAfter, error.sublimitTimeout);
    return new DiscordFailure("later", "Discord limits the rate", { status: 429, retryAfterMs });
  }
  if (error instanceof HTTPError) {
    return new DiscordFailure("later", `Discord answered ${error.status}`, { status: error.status });
  }
  if (error instanceof DiscordAPIError) return fromAnswer(error);
  return fromTransport(error);
}

function fromAnswer(error: DiscordAPIError): DiscordFailure {
  const code = Number(error.code) || 0;
  const details = { code, status: error.status, fields: refusedFields(error) };
  const message = `Discord answered ${error.status} (${code}): ${error.message}`;
  const patience = { ...details, retryAfterMs: operatorMs };
  if (code === RESTJSONErrorCodes.CloudflareIsBlockingYourRequest)
    return new DiscordFailure("later", message, patience);
  if (error.status === 401 && code !== RESTJSONErrorCodes.InvalidWebhookToken) {
    return new DiscordFailure("later", "Discord does not accept the bot's token", { ...patience, tokenRefused: true });
  }
  if (error.status === 413 || code === RESTJSONErrorCodes.RequestEntityTooLarge) {
    return new DiscordFailure("too-large", message, details);
  }
  return new DiscordFailure(badRequests.includes(code) ? "bug" : "closed", message, details);
}

function fromTransport(error: unknown): DiscordFailure {
  const { name, message, code } = error as { name?: string; message?: string; code?: unknown };
  if (message?.startsWith("Expected token")) {
    // The library forgets a token that was refused; what was under way then is not sent either.
    return new DiscordFailure("later", "Discord did not accept the bot's token", { retryAfterMs: operatorMs });
  }
  if (name === "AbortError" || name === "TimeoutError") return new DiscordFailure("later", "no answer in time", {});
  if (typeof code === "string") return new DiscordFailure("later", `no connection (${code})`, {});
  return new DiscordFailure("bug", String(error), {});
}

/** Discord nests its complaints as the request nests its fields, each with a list `_errors`. */
function refusedFields({ rawError }: DiscordAPIError): RefusedField[] {
  const found: RefusedField[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== "object" || value === null || path.length > 20) return;
    for (const [key, inside] of Object.entries(value)) {
      if (key !== "_errors") visit(inside, [...path, key]);
      else for (const { message } of inside as readonly { message: string }[]) found.push({ path, reason: message });
    }
  };
  visit("errors" in rawError ? rawError.errors : undefined, []);
  return found;
}

/** Tells of any error as much as a log may hold. */
export function errorFacts(error: unknown): object {
  if (error instanceof DiscordFailure) return { code: error.code, status: error.status, reason: error.message };
  return { reason: error instanceof Error ? error.stack : String(error) };
}
