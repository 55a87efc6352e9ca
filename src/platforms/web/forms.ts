import type { AnyCommand } from "../../command/command.ts";
import type { Field, Fields } from "../../command/fields.ts";
import { type ServiceOffer, withComparison } from "../../contract/usecases.ts";
import type { Text } from "../../text/text.ts";

/** One control of a form, as the page reads it. */
type FormField = { name: string; label: string; hint: string; required: boolean } & (
  | { kind: "text"; maxLength: number; multiline: boolean; secret?: true | undefined }
  | { kind: "integer"; min: number; max: number }
  | { kind: "yes-no" | "image" | "job" }
  | { kind: "images"; max: number }
  | {
      kind: "choice";
      choices: { value: string; label: string }[];
      open: boolean;
      /** Its choices are the names of saved images, which may stand in a prompt. */
      saved?: true;
    }
);

/** A command as the page reads it. */
export interface Form {
  readonly name: string;
  /** As it is typed after a slash: `admin grant`. */
  readonly title: string;
  readonly summary: string;
  readonly entry: "typed" | "button";
  /** The page has a view of its own for it. */
  readonly shows?: AnyCommand["shows"];
  /** It deletes what cannot be brought back, and the page asks first, unless it answers such a question. */
  readonly destructive?: boolean | undefined;
  readonly answersConfirmation?: boolean | undefined;
  /** The page asks for its forms anew once it has run. */
  readonly changesChoices?: boolean | undefined;
  /** The heading that commands of one group are shown under. */
  readonly group?: string | undefined;
  readonly fields: readonly FormField[];
}

/** The services, and the names of the styles and saved images, that the member can choose from. */
export interface FormChoices {
  readonly services: readonly ServiceOffer[];
  readonly styles: readonly string[];
  readonly references: readonly string[];
}

/** Describes a command so that the page can build its form. */
export function formOf(command: AnyCommand, text: Text, choices: FormChoices): Form {
  const services = withComparison(choices.services, command, text.batches.compare);
  const offered = { ...choices, services };
  const fields = Object.entries(command.fields as Fields).map(([name, field]) => formField(name, field, text, offered));
  const { name, group, entry, shows, destructive, answersConfirmation, changesChoices } = command;
  const title = group ? `${group.name} ${name.slice(group.name.length + 1)}` : name;
  const declared = { entry, shows, destructive, answersConfirmation, changesChoices };
  return { name, title, summary: command.summary(text), ...declared, group: group?.summary(text), fields };
}

function formField(name: string, field: Field, text: Text, { services, styles, references }: FormChoices): FormField {
  const shared = { name, label: field.label(text), hint: field.hint(text), required: field.required };
  switch (field.kind) {
    case "text":
      return { ...shared, kind: "text", maxLength: field.maxLength, multiline: field.multiline, secret: field.secret };
    case "integer":
      return { ...shared, kind: "integer", min: field.min, max: field.max };
    case "images":
      return { ...shared, kind: "images", max: field.max };
    case "choice":
      return { ...shared, kind: "choice", open: field.open, choices: choicesOf(field.choices, text) };
    case "service": {
      const choices = services.map(({ name: value, label }) => ({ value, label }));
      return { ...shared, kind: "choice", open: false, choices };
    }
    case "style":
      return { ...shared, kind: "choice", open: true, choices: styles.map((value) => ({ value, label: value })) };
    case "reference": {
      const choices = references.map((value) => ({ value, label: `@${value}` }));
      return { ...shared, kind: "choice", open: true, saved: true, choices };
    }
    case "member": // one member lives here; others, roles and channels are written as their keys
    case "role":
    case "channel":
      return { ...shared, kind: "text", maxLength: 100, multiline: false };
    case "yes-no":
    case "image":
    case "job":
      return { ...shared, kind: field.kind };
  }
}

function choicesOf(choices: readonly { value: string; label: (text: Text) => string }[], text: Text) {
  return choices.map(({ value, label }) => ({ value, label: label(text) }));
}
