import type { Context } from "../../context.ts";
import type { Caller, Draft } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { StoredImage } from "../../image.ts";
import { cleanWords } from "../../policy/draft.ts";
import { mayNameReferences, namesInPrompt, readReferenceName, similarName } from "../../policy/reference-names.ts";
import type { Request } from "../../request.ts";
import { byName, isShared, storedReferences } from "./find-reference.ts";

/** A prompt without its signs of reading, and the saved images that it names. */
export interface NamedInPrompt extends Pick<Request, "prompt"> {
  readonly references: readonly { readonly name: string; readonly shared: boolean; readonly image: StoredImage }[];
  readonly plainNames: readonly string[];
  /** A word behind an @ is no name, where the caller has names to use. */
  readonly isDoubtful: boolean;
}

/** A prompt with more such words is not about saved images. */
const mostTold = 10;

/**
 * Finds the saved images that a prompt names, as its caller sees them. A name that does not exist and one that the caller
 * may not see are the same. Throws Refusal `reference-misspelt` for a word that is nearly a name, and for those that are
 * named beside the prompt `reference-name`, `reference-unknown`.
 */
export async function namedReferences(
  context: Context,
  { prompt, plainWords = [], saved = [] }: Pick<Draft, "prompt" | "plainWords" | "saved">,
  caller: Caller,
): Promise<NamedInPrompt> {
  if (saved.length === 0 && !mayNameReferences(prompt))
    return { prompt, references: [], plainNames: [], isDoubtful: false };
  const known = byName(await storedReferences(context, caller));
  const { found, unknown, ...read } = namesInPrompt(prompt, known, plainWords.map(cleanWords));
  const all = new Set([...found, ...saved.map((name) => savedAs(name, known))]);
  const plainNames = unknown.slice(0, mostTold);
  for (const name of plainNames) {
    const similar = similarName(name, known);
    if (similar) throw new Refusal("reference-misspelt", { name, similar: similar.name });
  }
  return {
    prompt: read.prompt,
    references: [...all].map((reference) => ({
      name: reference.name,
      shared: isShared(reference),
      image: reference.image,
    })),
    plainNames,
    isDoubtful: unknown.length > 0 && known.size > 0,
  };
}

function savedAs<Saved extends { readonly name: string }>(typed: string, known: ReadonlyMap<string, Saved>): Saved {
  const { name, foldedName } = readReferenceName(typed);
  const found = known.get(foldedName);
  if (found) return found;
  const similar = similarName(name, known);
  if (similar) throw new Refusal("reference-misspelt", { name, similar: similar.name });
  throw new Refusal("reference-unknown", { name, known: [...known.values()].map((one) => one.name) });
}

/** Throws Refusal `reference-not-yours`: whoever may not name a saved image may not repeat a job that starts from it. */
export function requireNamed(
  { request, ...job }: { readonly member: string; readonly tenant: string; readonly request: Request },
  caller: Caller,
): void {
  const isAllowed = ({ shared }: { readonly shared: boolean }) =>
    shared ? job.tenant === caller.tenant : job.member === caller.member;
  const names = (request.named ?? []).filter((one) => !isAllowed(one)).map(({ name }) => name);
  if (names.length > 0) throw new Refusal("reference-not-yours", { names });
}

/** As the services' models have it. */
const maxReferences = 16;

/** Throws Refusal `references-full`, which names the saved images that find no room, also when a service refused all. */
export function refuseUnfitting({ references, named = [] }: Request, max = maxReferences): void {
  const surplus = references.length - max;
  if (surplus <= 0 || named.length === 0) return;
  const names = named.slice(Math.max(0, named.length - surplus)).map(({ name }) => name);
  throw new Refusal("references-full", { names, max });
}
