import type { AnyCommand } from "../../command/command.ts";
import type { Field, Fields } from "../../command/fields.ts";
import type { JobImage } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import type { IncomingImage } from "../../image.ts";
import { Problem } from "./problem.ts";

/** A form as it was sent. */
export interface FormParts {
  readonly values: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, readonly IncomingImage[]>;
}

type Answer = string | number | boolean | IncomingImage | readonly IncomingImage[] | JobImage | undefined;

/** The answers to a command's fields; an empty one that is not required is undefined. Throws Problem, Refusal. */
export function readAnswers(command: AnyCommand, parts: FormParts): Record<string, Answer> {
  const fields = Object.entries(command.fields as Fields);
  return Object.fromEntries(fields.map(([name, field]) => [name, readAnswer(name, field, parts)]));
}

function readAnswer(name: string, field: Field, parts: FormParts): Answer {
  const value = parts.values.get(name)?.replaceAll("\r\n", "\n") || undefined; // forms end every line so
  const files = parts.files.get(name) ?? [];
  switch (field.kind) {
    case "text":
      return field.required ? (value ?? "") : value; // the use case has the better words for an empty prompt
    case "choice":
    case "service":
    case "style":
    case "reference":
    case "member":
    case "role":
    case "channel":
      return needed(name, field, value);
    case "integer":
      return needed(name, field, value === undefined ? undefined : wholeNumber(value));
    case "yes-no":
      return needed(name, field, value === undefined ? undefined : value === "yes");
    case "image":
      return needed(name, field, atMost(1, files)[0]);
    case "images":
      return needed(name, field, files.length === 0 ? undefined : atMost(field.max, files));
    case "job":
      return needed(name, field, value === undefined ? undefined : jobImage(value));
    default:
      return field satisfies never;
  }
}

function needed(name: string, field: Field, answer: Answer): Answer {
  if (answer === undefined && field.required) throw new Problem(400, "missingField", { name });
  return answer;
}

function wholeNumber(value: string): number {
  if (!/^-?\d{1,9}$/.test(value)) throw new Problem(400, "notANumber", { value });
  return Number(value);
}

function atMost(max: number, files: readonly IncomingImage[]): readonly IncomingImage[] {
  if (files.length > max) throw new Refusal("too-many-references", { count: files.length, max });
  return files;
}

/** `job` or `job:index`. Throws Refusal `job-unknown`. */
export function jobImage(value: string): JobImage {
  const [, job, index] = /^([0-9a-v]{1,64})(?::(\d{1,3}))?$/.exec(value) ?? [];
  if (job === undefined) throw new Refusal("job-unknown", {});
  return { job, index: index === undefined ? undefined : Number(index) };
}
