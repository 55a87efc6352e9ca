import { DiscordAPIError, HTTPError, RateLimitError, RESTJSONErrorCodes } from "discord.js";

/**
 * What a failed request means, decided once:
 * `closed` Discord will not take this here, another way may be open; `too-large` it would take smaller files;
 * `later` it may have arrived or not, and may be tried again; `bug` the request was wrong.
 */
export type FailureKind = "closed" | "too-large" | "later" | "bug";

/** A request that Discord did not answer with success. Carries neither URL nor body: they hold interaction tokens. */
export class DiscordFailure extends Error {
  readonly kind: FailureKind;
  /** Discord's own code, 10062 for example; 0 when there is none. */
  readonly code: number;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, details: { code?: number; status?: number; retryAfterMs?: number }) {
    super(message);
    this.name = "DiscordFailure";
    this.kind = kind;
    this.code = details.code ?? 0;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs ?? 10_000;
  }
}

const operatorMs = 600_000; // a dead token or a ban ends by an operator's hand, not soon
const badRequests: readonly (number | string)[] = [
  RESTJSONErrorCodes.InvalidFormBodyOrContentType,
  RESTJSONErrorCodes.RequestBodyContainsInvalidJSON,
  RESTJSONErrorCodes.CannotSendAnEmptyMessage,
];

/** Anything that `@discordjs/rest` can throw, as what it means. */
export function discordFailure(error: unknown): DiscordFailure {
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
  const details = { code, status: error.status };
  const message = `Discord answered ${error.status} (${code}): ${error.message}`;
  const patience = { ...details, retryAfterMs: operatorMs };
  if (code === RESTJSONErrorCodes.CloudflareIsBlockingYourRequest)
    return new DiscordFailure("later", message, patience);
  if (error.status === 401 && code !== RESTJSONErrorCodes.InvalidWebhookToken) {
    return new DiscordFailure("later", "Discord does not accept the bot's token", patience);
  }
  if (error.status === 413 || code === RESTJSONErrorCodes.RequestEntityTooLarge) {
    return new DiscordFailure("too-large", message, details);
  }
  return new DiscordFailure(badRequests.includes(code) ? "bug" : "closed", message, details);
}

function fromTransport(error: unknown): DiscordFailure {
  const { name, message, code } = error as { name?: string; message?: string; code?: unknown };
  if (message?.startsWith("Expected token")) {
    // After a 401 the library forgets the token and refuses to send, which spares invalid requests.
    return new DiscordFailure("later", "Discord did not accept the bot's token", { retryAfterMs: operatorMs });
  }
  const lost = name === "AbortError" || name === "TimeoutError" || typeof code === "string";
  return new DiscordFailure(
    lost ? "later" : "bug",
    lost ? `No answer from Discord: ${code ?? name}` : String(error),
    {},
  );
}

/** What a log may hold of any error. */
export function errorFacts(error: unknown): object {
  if (error instanceof DiscordFailure) return { code: error.code, status: error.status, reason: error.message };
  return { reason: error instanceof Error ? error.stack : String(error) };
}
