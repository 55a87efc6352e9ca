import type { Context } from "../context.ts";
import type { Caller } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";

/** Direct messages on Discord, where a member alone is the tenant. */
const direct = /^discord:dm:/;
/** The operator's own ways in, which have guards of their own. */
const always: readonly string[] = ["web", "terminal"];

/** Lets nobody in from a tenant that the operator does not serve. Throws Refusal `tenant-not-allowed`. */
export function requireAllowedTenant(
  { allowedTenants: allowed }: Pick<Context, "allowedTenants">,
  { platform, tenant, organisation }: Pick<Caller, "platform" | "tenant" | "organisation">,
): void {
  if (allowed === undefined || always.includes(platform) || allowed.includes(tenant)) return;
  if (organisation !== undefined && allowed.includes(organisation)) return;
  if (direct.test(tenant) && allowed.includes("dm")) return;
  throw new Refusal("tenant-not-allowed", {});
}
