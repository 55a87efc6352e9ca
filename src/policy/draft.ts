import type { Draft } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { formats } from "../image.ts";
import { backgrounds, fidelities, parseSize, qualities, type Request, type Size } from "../request.ts";
import { normalise } from "./normalise.ts";

/** The longest prompt that any of the services takes (OA-3); smaller limits are checked once the service is chosen. */
const maxPromptLength = 32_000;
const maxCount = 10;
const maxCompression = 100;
const moderations = ["auto", "low"] as const;

/** Options of a request where its draft is silent. */
export const plainRequest: Omit<Request, "prompt"> = {
  references: [],
  size: { width: 1024, height: 1024 },
  quality: "auto",
  count: 1,
  format: "png",
  background: "auto",
  fidelity: "low",
  moderation: "auto",
  private: false,
};

/** Checks what was typed, field by field, without touching files. Where it is silent, `base` speaks. Throws Refusal. */
export function readDraft(draft: Draft, base: Omit<Request, "prompt"> = plainRequest): Request {
  if (draft.mask && (draft.images ?? []).length === 0 && base.references.length === 0) {
    throw new Refusal("mask-without-image", {});
  }
  const provider = draft.provider ?? base.provider;
  return {
    ...base,
    prompt: readPrompt(draft.prompt),
    size: draft.size === undefined ? base.size : readSize(draft.size),
    quality: readOption("quality", draft.quality, qualities) ?? base.quality,
    count: readCount(draft.count ?? base.count),
    ...readLook(draft, base),
    fidelity: readOption("fidelity", draft.fidelity, fidelities) ?? base.fidelity,
    private: draft.private ?? base.private,
    moderation: readOption("moderation", draft.moderation, moderations) ?? base.moderation,
    ...(provider === undefined ? {} : { provider }),
  };
}

type Look = Pick<Request, "format" | "background" | "compression">;

/**
 * Reads what the file of an image is like. A background and a format that exclude each other are refused when both were
 * typed; else the typed one wins over the habit.
 */
function readLook(draft: Draft, base: Look): Look {
  const typedFormat = readOption("format", draft.format, formats);
  const typedBackground = readOption("background", draft.background, backgrounds);
  const compression = draft.compression === undefined ? base.compression : readCompression(draft.compression);
  const look = {
    format: typedFormat ?? base.format,
    background: typedBackground ?? base.background,
    ...(compression === undefined ? {} : { compression }),
  };
  if (look.format !== "jpeg" || look.background !== "transparent") return look;
  if (typedFormat && typedBackground) throw new Refusal("transparent-in-jpeg", {});
  return typedBackground ? { ...look, format: "png" } : { ...look, background: "auto" };
}

function readCompression(compression: number): number {
  if (!Number.isInteger(compression) || compression < 0 || compression > maxCompression) {
    throw new Refusal("compression-out-of-range", { compression, max: maxCompression });
  }
  return compression;
}

/** Something that can be seen: no white space, nothing that is shown as nothing, no mark, filler or code alone. */
const visible = /[^\s\p{Default_Ignorable_Code_Point}\p{C}\p{M}\u2800]/u;

/** Control characters and halves of surrogate pairs mean nothing to a model and break what shows the words. */
export function cleanWords(typed: string): string {
  return normalise(typed.toWellFormed(), "NFC")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .trim();
}

/** Throws Refusal `prompt-empty`, `prompt-too-long`. */
export function readPrompt(typed: string): string {
  const prompt = cleanWords(typed);
  if (!visible.test(prompt)) throw new Refusal("prompt-empty", {});
  if (prompt.length > maxPromptLength) {
    throw new Refusal("prompt-too-long", { length: prompt.length, limit: maxPromptLength });
  }
  return prompt;
}

function readSize(typed: string): Size {
  const size = parseSize(typed);
  if (!size) throw new Refusal("size-unknown", { size: typed.slice(0, 40) });
  return size;
}

function readCount(count: number): number {
  if (!Number.isInteger(count) || count < 1 || count > maxCount) {
    throw new Refusal("count-out-of-range", { count, max: maxCount });
  }
  return count;
}

function readOption<Value extends string>(
  option: string,
  typed: string | undefined,
  allowed: readonly Value[],
): Value | undefined {
  if (typed === undefined) return undefined;
  const value = allowed.find((name) => name === typed.trim().toLowerCase());
  if (!value) throw new Refusal("option-unknown", { option, value: typed.slice(0, 40), allowed });
  return value;
}
