import type { Request } from "express";

/** The sentences that people may read whom a wrong or an old address led here. */
export interface ServerSentences {
  readonly nothingHere: string;
  readonly notUnderstood: string;
  readonly failed: string;
}

/** Gives the sentences in the language of a BCP 47 locale. */
export type SentencesFor = (locale: string) => ServerSentences;

/** The sentences in the language that the reader's browser asks for first. */
export function sentencesTo(req: Request, sentences: SentencesFor): ServerSentences {
  return sentences(req.acceptsLanguages()[0] ?? "en");
}
