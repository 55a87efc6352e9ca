import type { RequestHandler } from "express";
import { z } from "zod";
import { textFor } from "../../text/text.ts";
import type { PlatformContext } from "../platform.ts";
import { jobImage } from "./answers.ts";
import { callerOf, localeOf } from "./caller.ts";
import { Problem } from "./problem.ts";
import { readTyped, shownWords } from "./read-typed.ts";

const draftJson = z.strictObject({
  prompt: z.string(),
  size: z.string().optional(),
  quality: z.string().optional(),
  count: z.number().optional(),
  format: z.string().optional(),
  provider: z.string().optional(),
  private: z.boolean().optional(),
  moderation: z.string().optional(),
  background: z.string().optional(),
  compression: z.number().optional(),
  fidelity: z.string().optional(),
  style: z.string().optional(),
  files: z
    .strictObject({ references: z.int().min(0).max(100), masked: z.boolean(), of: z.string().max(80).optional() })
    .optional(),
  /** Words at the end of the prompt are no options. */
  literal: z.boolean().optional(),
});

/** Answers what a draft would cost, in words and numbers, and the options that were read from its prompt. */
export function quote(context: PlatformContext): RequestHandler {
  return async (req, res) => {
    const draft = draftJson.safeParse(req.body);
    if (!draft.success) throw new Problem(400, "notUnderstood");
    const { files, literal, ...given } = draft.data;
    const { prompt, read } = literal ? { prompt: given.prompt, read: {} } : readDraft(given);
    const asked = { ...given, ...withNumbers(read), prompt };
    const of = files?.of === undefined ? undefined : jobImage(files.of);
    const quoted = await context.usecases.quote(asked, callerOf(req, "quote"), files && { ...files, of });
    res.json({ card: textFor(localeOf(req)).quote(quoted), quote: quoted, read: shownWords(read) });
  };
}

/** Words are text; the fields that hold numbers take numbers. */
function withNumbers(read: Readonly<Record<string, string>>) {
  const numbers: readonly string[] = ["count", "compression"];
  return Object.fromEntries(
    Object.entries(read).map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
  );
}

function readDraft(given: { prompt: string } & Readonly<Record<string, unknown>>) {
  const chosen = Object.keys(given).filter((name) => given[name] !== undefined);
  return readTyped(given.prompt, new Set(chosen), draftJson.shape);
}
