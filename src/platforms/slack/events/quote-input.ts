import type { Draft, Files } from "../../../contract/usecases.ts";
import type { FormMemory } from "./modal.ts";

/** The part of a form that its price follows from. */
export interface QuoteInput {
  readonly draft: Draft;
  readonly files: Files;
  /** Key of the message of ours whose images are to be edited. */
  readonly message: string | undefined;
}

/** The draft that the answers make, and what it starts from; undefined for a form that starts no job. */
export function toQuoteInput(answers: Record<string, unknown>, memory: FormMemory): QuoteInput | undefined {
  const { images, mask, prompt, job: _, ...rest } = answers;
  if (typeof prompt !== "string") return undefined;
  const { files = [], job: of, message } = memory;
  const references = files.length + (Array.isArray(images) ? images.length : 0);
  return { draft: { ...rest, prompt }, files: { references, masked: mask !== undefined, of }, message };
}
