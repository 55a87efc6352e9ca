import type { Context } from "../context.ts";
import type { Caller, Draft, JobView } from "../contract/usecases.ts";
import type { StoredImage } from "../image.ts";
import { baseFor } from "../policy/defaults.ts";
import { readDraft } from "../policy/draft.ts";
import { enforcePolicy, policyOf } from "../policy/rules.ts";
import type { Request } from "../request.ts";
import { earlierJob, submit } from "./submit.ts";

/** Makes images from words, and from the draft's own files. Throws Refusal; then nothing was held. */
export async function imagine(context: Context, draft: Draft, caller: Caller): Promise<JobView> {
  return makeFrom(context, draft, await baseFor(context, caller), caller);
}

/** The same over a base: what the draft does not say, `base` says; its references come first. */
export async function makeFrom(
  context: Context,
  draft: Draft,
  base: Omit<Request, "prompt">,
  caller: Caller,
  parent?: string,
): Promise<JobView> {
  const earlier = await earlierJob(context, caller);
  if (earlier) return earlier;
  return submit(context, await requestFrom(context, draft, base, caller), caller, parent);
}

/** What a draft over a base asks for, with its files here. Throws Refusal. */
export async function requestFrom(
  context: Context,
  draft: Draft,
  base: Omit<Request, "prompt">,
  caller: Caller,
): Promise<Request> {
  const typed = readDraft(draft, base);
  // What is impossible or forbidden is refused before anything is downloaded.
  context.router.route(withoutFiles(typed));
  enforcePolicy(await policyOf(context.database.db, caller.tenant), typed, caller);
  return withFiles(context, typed, draft);
}

function withoutFiles({ mask: _, ...request }: Request): Request {
  return { ...request, references: [] };
}

async function withFiles(context: Context, request: Request, draft: Draft): Promise<Request> {
  const taken: StoredImage[] = [];
  for (const file of draft.images ?? []) taken.push(await context.images.take(file));
  const references = [...request.references, ...taken];
  const [first] = references;
  if (!draft.mask || !first) return { ...request, references };
  return { ...request, references, mask: await context.images.takeMask(draft.mask, first) };
}
