import type { Field, Fields, JobField } from "../../../command/fields.ts";

/** A field that a member answers; a job is known from the button. */
export type AskedField = Exclude<Field, JobField>;

/** A field and the command options that stand for it: one, or `image`, `image2`... where it takes several images. */
export interface NamedOptions {
  readonly key: string;
  readonly field: AskedField;
  readonly names: readonly string[];
}

const maxOptions = 25;
const maxFormParts = 5;

/** A command's options in Discord's order: required first. Images get what the other fields leave of 25. */
export function namedOptions(fields: Fields): NamedOptions[] {
  const asked = requiredFirst(fields);
  const room = maxOptions - asked.filter(([, { kind }]) => kind !== "images").length;
  return asked.map(([key, field]) => ({
    key,
    field,
    names: field.kind === "images" ? imageNames(key, Math.min(field.max, room)) : [key],
  }));
}

/** The fields that a form has room for: required ones first, and the last place for images where there are any. */
export function formFields(fields: Fields): [string, AskedField][] {
  const asked = requiredFirst(fields);
  const images = asked.filter(([, { kind }]) => kind === "images").slice(0, 1);
  const others = asked.filter(([, { kind }]) => kind !== "images");
  return [...others.slice(0, maxFormParts - images.length), ...images];
}

/** Tells whether a button must open a form before its command can run. */
export function needsForm(fields: Fields): boolean {
  return requiredFirst(fields).some(([, { required }]) => required);
}

function requiredFirst(fields: Fields): [string, AskedField][] {
  const asked = Object.entries(fields).filter((entry): entry is [string, AskedField] => entry[1].kind !== "job");
  return asked.toSorted(([, a], [, b]) => Number(b.required) - Number(a.required));
}

function imageNames(key: string, count: number): string[] {
  const single = key.replace(/s$/, "");
  return Array.from({ length: count }, (_, index) => (index === 0 ? single : `${single}${index + 1}`));
}
