import type { ViewOutput, ViewStateValue } from "@slack/bolt";
import type { Field, Fields } from "../../../command/fields.ts";
import type { JobImage } from "../../../contract/usecases.ts";
import type { Refusal, RefusalFacts } from "../../../errors.ts";
import type { SlackEvent } from "../event.ts";
import { memberKey } from "../keys.ts";
import { answerAction } from "./inputs.ts";
import { type FormMemory, whereBlock } from "./modal.ts";
import { readWord } from "./word.ts";

/** Facts that reading a form needs besides its values. */
export interface FormFacts {
  readonly team: string;
  readonly job: JobImage | undefined;
}

export type FormValues = ViewOutput["state"]["values"];

/** The answers by field name; what was left empty is undefined. Files are as Slack names them. */
export function readForm(fields: Fields, values: FormValues, facts: FormFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, answerTo(field, values[name]?.[answerAction], facts)]),
  );
}

function answerTo(field: Field, value: ViewStateValue | undefined, { team, job }: FormFacts): unknown {
  const chosen = value?.selected_option?.value;
  switch (field.kind) {
    case "text":
      return value?.value ?? (field.required ? "" : undefined);
    case "integer": {
      const number = chosen ?? value?.value;
      return number ? Number(number) : undefined;
    }
    case "yes-no":
      return chosen === undefined ? undefined : chosen === "yes";
    case "style":
    case "reference":
      return chosen ?? value?.value ?? undefined;
    case "service":
    case "choice":
      return chosen;
    case "role":
      return value?.value ? readWord(field, value.value.trim(), team) : undefined;
    case "channel":
      return value?.selected_conversation ?? undefined;
    case "image":
      return value?.files?.[0];
    case "images":
      return value?.files;
    case "member":
      return value?.selected_user ? memberKey(team, value.selected_user) : undefined;
    case "job":
      return job;
  }
}

/** Finds where the result goes: as the form was opened, or as chosen in it. */
export function whereIn(memory: FormMemory, values: FormValues): Pick<SlackEvent, "channel" | "thread"> {
  const chosen = values[whereBlock]?.[answerAction]?.selected_conversation ?? undefined;
  return { channel: memory.channel ?? chosen, thread: memory.thread };
}

/** The field that a refusal is about; the first one when it is about none, so that the form stays and nothing is lost. */
export function fieldOf({ code, facts }: Refusal, fields: Fields): string | undefined {
  const subject = code.split("-")[0] ?? "";
  const named =
    subject === "option" ? (facts as RefusalFacts["option-unknown"]).option : (subjects[subject] ?? subject);
  const field = fields[named];
  if (field && field.kind !== "job") return named;
  return Object.keys(fields).find((name) => fields[name]?.kind !== "job");
}

/** The first word of a refusal's code, where that is not the field's name itself. */
const subjects: Readonly<Record<string, string>> = { image: "images", too: "images", references: "images" };
