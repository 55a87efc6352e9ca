/**
 * `blocked` the URL may not be fetched; `status` the server declined; `not-an-image` it sent a web page;
 * `too-large` past the limit; `timeout` past the deadline; `aborted` by the caller; `unreachable` the connection failed.
 */
export type DownloadFault = "blocked" | "status" | "not-an-image" | "too-large" | "timeout" | "aborted" | "unreachable";

/** A file that could not be fetched. `message` is for the log; URLs, which may be secrets, are not in it. */
export class DownloadError extends Error {
  readonly fault: DownloadFault;
  /** HTTP status, when there was an answer that is not 200. */
  readonly status: number | undefined;
  /** The server asked to wait so long. */
  readonly retryAfterMs: number | undefined;
  /** Another try, later, may succeed. */
  readonly retryable: boolean;

  constructor(
    fault: DownloadFault,
    message: string,
    details: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "DownloadError";
    this.fault = fault;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.retryable = fault === "timeout" || fault === "unreachable" || isPassing(details.status ?? 0);
  }
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
