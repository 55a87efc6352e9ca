import type { Room } from "../context.ts";
import type { Caller, Draft, JobView } from "../contract/usecases.ts";
import type { StoredImage } from "../image.ts";
import { baseFor } from "../policy/defaults.ts";
import { readDraft } from "../policy/draft.ts";
import { obeyRules, rulebookOf } from "../policy/rules.ts";
import type { Request } from "../request.ts";
import { earlierJob, submit } from "./submit.ts";

/** Makes images from words, and from the draft's own files. Throws Refusal; then nothing was held. */
export async function imagine(room: Room, draft: Draft, caller: Caller): Promise<JobView> {
  return makeFrom(room, draft, await baseFor(room, caller), caller);
}

/** The same over a base: what the draft does not say, `base` says; its references come first. */
export async function makeFrom(
  room: Room,
  draft: Draft,
  base: Omit<Request, "prompt">,
  caller: Caller,
  parent?: string,
): Promise<JobView> {
  const earlier = await earlierJob(room, caller);
  if (earlier) return earlier;
  return submit(room, await requestFrom(room, draft, base, caller), caller, parent);
}

/** What a draft over a base asks for, with its files here. Throws Refusal. */
export async function requestFrom(
  room: Room,
  draft: Draft,
  base: Omit<Request, "prompt">,
  caller: Caller,
): Promise<Request> {
  const typed = readDraft(draft, base);
  // What is impossible or forbidden is refused before anything is downloaded.
  room.router.route(withoutFiles(typed));
  obeyRules(await rulebookOf(room.database.db, caller.tenant), typed, caller);
  return withFiles(room, typed, draft);
}

function withoutFiles({ mask: _, ...request }: Request): Request {
  return { ...request, references: [] };
}

async function withFiles(room: Room, request: Request, draft: Draft): Promise<Request> {
  const taken: StoredImage[] = [];
  for (const file of draft.images ?? []) taken.push(await room.images.take(file));
  const references = [...request.references, ...taken];
  const [first] = references;
  if (!draft.mask || !first) return { ...request, references };
  return { ...request, references, mask: await room.images.takeMask(draft.mask, first) };
}
