import type { UploadedFile, ViewOutput, ViewStateValue } from "@slack/bolt";
import type { Field, Fields } from "../../command/fields.ts";
import type { Refusal, RefusalFacts } from "../../errors.ts";
import type { IncomingImage } from "../../image.ts";
import type { JobImage } from "../../usecases/usecases.ts";
import { type Asked, memberKey } from "./event.ts";
import { answerAction, type FormMemory, whereBlock } from "./modal.ts";

/** What reading a form needs to know besides its values. */
export interface FormFacts {
  readonly team: string;
  readonly job: JobImage | undefined;
  readonly incoming: (file: UploadedFile) => IncomingImage;
}

type Values = ViewOutput["state"]["values"];

/** The answers by field name; what was left empty is undefined. */
export function readForm(fields: Fields, values: Values, facts: FormFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, answerTo(field, values[name]?.[answerAction], facts)]),
  );
}

function answerTo(field: Field, value: ViewStateValue | undefined, { team, job, incoming }: FormFacts): unknown {
  switch (field.kind) {
    case "text":
      return value?.value ?? (field.required ? "" : undefined);
    case "integer":
      return value?.value ? Number(value.value) : undefined;
    case "yes-no":
      return (value?.selected_options?.length ?? 0) > 0;
    case "service":
      return value?.value ?? undefined;
    case "choice":
      return value?.selected_option?.value;
    case "image":
      return value?.files?.map(incoming)[0];
    case "images":
      return value?.files?.map(incoming);
    case "member":
      return value?.selected_user ? memberKey(team, value.selected_user) : undefined;
    case "job":
      return job;
  }
}

/** Where the result goes: as the form was opened, or as chosen in it. */
export function whereIn(memory: FormMemory, values: Values): Pick<Asked, "channel" | "thread"> {
  const chosen = values[whereBlock]?.[answerAction]?.selected_conversation ?? undefined;
  return { channel: memory.channel ?? chosen, thread: memory.thread };
}

/** The field that a refusal is about, when the form has an input for it. */
export function fieldOf({ code, facts }: Refusal, fields: Fields): string | undefined {
  const subject = code.split("-")[0] ?? "";
  const named =
    subject === "option" ? (facts as RefusalFacts["option-unknown"]).option : (subjects[subject] ?? subject);
  const field = fields[named];
  return field && field.kind !== "job" ? named : undefined;
}

/** The first word of a refusal's code, where that is not the field's name itself. */
const subjects: Readonly<Record<string, string>> = { image: "images", too: "images", references: "images" };
