import type { Room } from "../context.ts";
import type { Caller, Draft, Files, QuoteView } from "../contract/usecases.ts";
import type { StoredImage } from "../image.ts";
import { baseFor } from "../policy/defaults.ts";
import { memberSettingsOf } from "../policy/documents.ts";
import { readDraft } from "../policy/draft.ts";
import { obeyRules, rulebookOf } from "../policy/rules.ts";
import type { Credits, Request } from "../request.ts";

/** Whoever has not said otherwise is asked before spending more than this. */
const confirmAboveUnlessSet = 500;

/** Stands for a file that is not here yet: services are chosen by how many there are, not by what they show. */
const someImage: StoredImage = { file: "", sha256: "", format: "png", width: 1024, height: 1024, bytes: 0 };

/** What the draft would cost now; its files are not looked at. Throws whatever submitting it would refuse by its rules. */
export async function quote(room: Room, draft: Draft, caller: Caller, files?: Files): Promise<QuoteView> {
  return quoteOver(room, await baseFor(room, caller), draft, caller, files);
}

/** The same over a base: what the draft does not say, `base` says; its references come first. */
export async function quoteOver(
  room: Room,
  base: Omit<Request, "prompt">,
  draft: Draft,
  caller: Caller,
  files?: Files,
): Promise<QuoteView> {
  return priceOf(room, roughRequest(base, draft, files), caller);
}

/** The request that a draft over a base makes, with something in the place of its files. Throws Refusal. */
export function roughRequest(base: Omit<Request, "prompt">, draft: Draft, files?: Files): Request {
  const { images: _, mask: __, ...typed } = draft;
  const others = Array.from({ length: files?.references ?? 0 }, () => someImage);
  const references = [...base.references, ...others];
  const mask = files?.masked && references.length > 0 ? { mask: someImage } : {};
  const request = readDraft(typed, { ...base, references });
  return { ...request, ...mask };
}

/** What a request would cost now. Throws Refusal. */
export async function priceOf(room: Room, request: Request, caller: Caller): Promise<QuoteView> {
  const { provider, quote: priced } = room.router.route(request);
  const { db } = room.database;
  const { allowance } = obeyRules(await rulebookOf(db, caller.tenant), request, caller);
  const { available } = await room.credits.statement(caller.member, 0, allowance);
  const confirm = await isDear(room, priced.total, caller);
  return { ...priced, provider: provider.label, available, after: available - priced.total, confirm };
}

/** It costs more than the member wants to spend without being asked. */
export async function isDear({ database }: Room, total: Credits, { member }: Caller): Promise<boolean> {
  const { confirmAbove = confirmAboveUnlessSet } = await memberSettingsOf(database.db, member);
  return total > confirmAbove;
}
