import type { Context } from "../context.ts";
import { ProviderError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import type { Provider } from "../providers/provider.ts";
import { persist } from "../settlement/persist.ts";
import type { AttemptRow } from "../store/tables.ts";

/** The service that a call is made to, by the key of whoever pays for it. */
export interface Callee {
  /** Undefined when it has left the configuration. */
  readonly provider: Provider | undefined;
  /** The id of the tenant's key; undefined: the operator's. */
  readonly key?: string | undefined;
}

/**
 * Finds the service for the next call of a job. One that its tenant pays is called by the key that the tenant uses now, or
 * not at all: throws ProviderError `not-sent` when there is none that can be opened.
 */
export async function callee(context: Context, { provider, tenant, payer }: Job): Promise<Callee> {
  const configured = context.router.get(provider);
  if (payer !== "tenant")
    return { provider: configured && context.router.isFunded(configured) ? configured : undefined };
  const found = await persist(context, "key of the tenant", () => context.keys.forCall(tenant, provider));
  if (found) return found;
  throw new ProviderError(provider, "not-sent", "the tenant has no key for it that can be opened", {
    refusedFor: "own-gone",
  });
}

/** Finds the service for a call that was made before, by the very key that it was made with; undefined when that is gone. */
export async function calleeOf(context: Context, { provider, tenant_key }: AttemptRow): Promise<Provider | undefined> {
  if (tenant_key === null) return context.router.get(provider);
  return persist(context, "key of a call", () => context.keys.forEarlierCall(tenant_key, provider));
}
