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

/** A default that is not possible any more (its service left the configuration) is passed over: nobody typed it now. */
function over(base: RequestBase, defaults: Defaults, services: readonly string[]): RequestBase {
  let changed = base;
  for (const [setting, value] of Object.entries(defaults)) {
    if (value === undefined || value === null) continue;
    if (setting === "provider" && !services.includes(String(value))) continue;
    try {
      const { prompt: _, ...next } = readDraft({ prompt: "?", [setting]: value }, changed);
      changed = next;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return changed;
}
