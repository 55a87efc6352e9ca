import type { Context } from "../context.ts";
import { ProviderError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import type { Provider, ProviderEvent } from "../providers/provider.ts";
import type { AttemptRow } from "../store/tables.ts";
import { callContext, type Previews } from "./call-context.ts";

/**
 * Goes on with a call that a service took, or may have taken, before: by free requests only. Throws ProviderError, never
 * `not-sent`: it was.
 */
export async function* resumeCall(
  context: Context,
  job: Job,
  provider: Provider | undefined,
  attempt: AttemptRow,
  previews: Previews,
): AsyncGenerator<ProviderEvent> {
  if (!provider?.resume) throw new ProviderError(attempt.provider, "unknown", "this service cannot go on with a call");
  const callbackUrl = attempt.callback_hash === null ? undefined : "";
  const accepted = { reference: attempt.reference ?? undefined, sentAt: attempt.sent_at ?? attempt.created_at };
  const call = callContext(context, job, provider, {
    attempt: attempt.id,
    beforeSend: neverAgain,
    callbackUrl,
    previews,
  });
  try {
    yield* provider.resume(accepted, { ...job.request, count: attempt.asked }, call);
  } catch (cause) {
    if (!(cause instanceof ProviderError) || cause.outcome !== "not-sent") throw cause;
    throw new ProviderError(provider.name, "unknown", "the service could not be asked", { cause });
  }
}

async function neverAgain(): Promise<void> {
  throw new Error("a call that goes on must not be paid for again");
}
