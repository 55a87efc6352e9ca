/**
 * For a reason of our own (the kill switch, storage out of reach) the call is not sent now; that says nothing of the
 * service or the request, and uses up no tries.
 */
export class CallPaused extends Error {
  readonly pauseMs: number;

  constructor(message: string, options: { readonly pauseMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.pauseMs = options.pauseMs ?? 2000;
  }
}

/** A reference of the job is not on disk any more. */
export class ReferencesMissing extends Error {}
