import type { StyleOptions } from "../contract/styles.ts";
import { Refusal } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import { foldCase } from "../jobs/job.ts";
import { type RequestBase, withDefaults } from "./defaults.ts";
import { cleanWords, readDraft } from "./draft.ts";

/** A way to draw, as it is kept under its name. */
export interface StyleDocument extends StyleOptions {
  readonly references: readonly StoredImage[];
}

/** A style that a request is drawn in. */
export interface NamedStyle {
  readonly name: string;
  readonly document: StyleDocument;
}

/** A member, or a tenant, has at most as many as Discord suggests at once. */
export const maxStyles = 25;
/** More would leave no room for a member's own images at some services. */
export const maxStyleReferences = 4;
/** Draws in no style where a default would count. */
const noStyle = "none";
const maxWords = 1000;
const maxNameLength = 32;
/** Nobody types more by accident, and nobody has more normalised. */
const longestTyped = 200;
const nameShape = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u;

/** A name as people read it, and as it is found in any case. Throws Refusal `style-name`. */
export function readStyleName(typed: string): { readonly name: string; readonly foldedName: string } {
  const name = typed.toWellFormed().slice(0, longestTyped).normalize("NFKC").trim();
  const foldedName = foldCase(name);
  const fits = nameShape.test(name) && [...name].length <= maxNameLength;
  if (!fits || foldedName === noStyle) {
    throw new Refusal("style-name", { name: name.slice(0, 40), limit: maxNameLength, reserved: noStyle });
  }
  return { name, foldedName };
}

/** Does it ask for no style, also where one is the default? */
export function isNoStyle(typed: string): boolean {
  return foldCase(typed.trim()) === noStyle;
}

/** Checks the words and options of a style as a draft's are checked. Throws Refusal. */
export function checkStyleOptions({ before, after, ...options }: StyleOptions): StyleOptions {
  readDraft({ prompt: "?", ...options });
  return { before: readWords(before), after: readWords(after), ...options };
}

/** Is there nothing in it that could change an image? */
export function isEmptyStyle({ references, ...options }: StyleDocument): boolean {
  return references.length === 0 && Object.values(options).every((value) => value === undefined || value === "");
}

/** The options of a style over those that count where it is silent. */
export function inStyle(base: RequestBase, { name, document }: NamedStyle): RequestBase {
  const { before: _, after: __, references: ___, ...options } = document;
  return { ...withDefaults(base, options), style: name };
}

/** The words of a style around those of a member. */
export function promptInStyle(prompt: string, { document }: NamedStyle): string {
  const { before, after } = document;
  const behind = after && /^[\p{Po}\p{Pd}\p{Pe}]/u.test(after) ? after : after && ` ${after}`;
  return `${before ? `${before} ` : ""}${prompt}${behind ?? ""}`;
}

function readWords(typed: string | undefined): string | undefined {
  if (typed === undefined) return undefined;
  const words = cleanWords(typed);
  if (words.length > maxWords) throw new Refusal("prompt-too-long", { length: words.length, limit: maxWords });
  return words;
}
