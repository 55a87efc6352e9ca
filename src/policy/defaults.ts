import type { Defaults } from "../contract/settings.ts";
import { Refusal } from "../errors.ts";
import type { Request } from "../request.ts";
import type { Settings } from "./documents.ts";
import { plainRequest, readDraft } from "./draft.ts";

/** A request but for its words. */
export type RequestBase = Omit<Request, "prompt">;

/** Gives a request what its draft leaves open: as the member has it, then the tenant, then the bot. */
export function baseFor({ rules, member }: Settings, services: readonly string[]): RequestBase {
  const { confirmAbove: _, drafts: own, ...settings } = member;
  const { drafts: everybody, ...defaults } = rules.defaults;
  const base = over(over(plainRequest, defaults, services), settings, services);
  return (own ?? everybody) ? { ...base, quality: "low" } : base;
}

/** A default that is not possible any more is passed over: nobody typed it now. */
export function withDefaults(base: RequestBase, defaults: Defaults): RequestBase {
  let changed = base;
  for (const [setting, value] of Object.entries(defaults)) {
    if (value === undefined || value === null) continue;
    try {
      const { prompt: _, ...next } = readDraft({ prompt: "?", [setting]: value }, changed);
      changed = next;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return changed;
}

/** The same, without a service that left the configuration. */
function over(base: RequestBase, { provider, ...defaults }: Defaults, services: readonly string[]): RequestBase {
  const offered = provider !== undefined && services.includes(provider) ? { provider } : {};
  return withDefaults(base, { ...defaults, ...offered });
}
