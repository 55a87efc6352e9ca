import type { Context } from "../context.ts";
import type { Caller, Draft, Files, QuoteView } from "../contract/usecases.ts";
import type { StoredImage } from "../image.ts";
import { baseFor } from "../policy/defaults.ts";
import { memberSettingsOf } from "../policy/documents.ts";
import { readDraft } from "../policy/draft.ts";
import { enforcePolicy, policyOf } from "../policy/rules.ts";
import type { Credits, Request } from "../request.ts";

/** Whoever has not said otherwise is asked before spending more than this. */
const confirmAboveUnlessSet = 500;

/** Stands for a file that is not here yet: services are chosen by how many there are, not by what they show. */
const placeholderImage: StoredImage = { file: "", sha256: "", format: "png", width: 1024, height: 1024, bytes: 0 };

/** What the draft would cost now; its files are not looked at. Throws whatever submitting it would refuse by its rules. */
export async function quote(context: Context, draft: Draft, caller: Caller, files?: Files): Promise<QuoteView> {
  return quoteOver(context, await baseFor(context, caller), draft, caller, files);
}

/** The same over a base: what the draft does not say, `base` says; its references come first. */
export async function quoteOver(
  context: Context,
  base: Omit<Request, "prompt">,
  draft: Draft,
  caller: Caller,
  files?: Files,
): Promise<QuoteView> {
  return quoteRequest(context, estimateRequest(base, draft, files), caller);
}

/** The request that a draft over a base makes, with something in the place of its files. Throws Refusal. */
export function estimateRequest(base: Omit<Request, "prompt">, draft: Draft, files?: Files): Request {
  const { images: _, mask: __, ...typed } = draft;
  const others = Array.from({ length: files?.references ?? 0 }, () => placeholderImage);
  const references = [...base.references, ...others];
  const mask = files?.masked && references.length > 0 ? { mask: placeholderImage } : {};
  const request = readDraft(typed, { ...base, references });
  return { ...request, ...mask };
}

/** What a request would cost now. Throws Refusal. */
export async function quoteRequest(context: Context, request: Request, caller: Caller): Promise<QuoteView> {
  const { provider, quote: priced } = context.router.route(request);
  const { db } = context.database;
  const { allowance } = enforcePolicy(await policyOf(db, caller.tenant), request, caller);
  const { available } = await context.credits.statement(caller.member, 0, allowance);
  const confirm = await needsConfirmation(context, priced.total, caller);
  return { ...priced, provider: provider.label, available, after: available - priced.total, confirm };
}

/** It costs more than the member wants to spend without being asked. */
export async function needsConfirmation({ database }: Context, total: Credits, { member }: Caller): Promise<boolean> {
  const { confirmAbove = confirmAboveUnlessSet } = await memberSettingsOf(database.db, member);
  return total > confirmAbove;
}
