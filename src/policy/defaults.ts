import type { Context } from "../context.ts";
import type { Caller, Defaults } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import type { Request } from "../request.ts";
import { memberSettingsOf, rulesOf } from "./documents.ts";
import { plainRequest, readDraft } from "./draft.ts";

type Base = Omit<Request, "prompt">;

/** How a request looks where the draft is silent: as the member has it, then the tenant, then the bot. */
export async function baseFor(context: Context, caller: Caller): Promise<Base> {
  const { db } = context.database;
  const { defaults } = await rulesOf(db, caller.tenant);
  const { confirmAbove: _, ...own } = await memberSettingsOf(db, caller.member);
  return over(context, over(context, plainRequest, defaults), own);
}

/** A default that is not possible any more (its service left the configuration) is passed over: nobody typed it now. */
function over(context: Context, base: Base, defaults: Defaults): Base {
  let changed = base;
  for (const [setting, value] of Object.entries(defaults)) {
    if (value === undefined || value === null) continue;
    if (setting === "provider" && !context.router.names.includes(String(value))) continue;
    try {
      const { prompt: _, ...next } = readDraft({ prompt: "?", [setting]: value }, changed);
      changed = next;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return changed;
}
