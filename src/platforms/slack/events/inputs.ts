import type { types } from "@slack/bolt";
import type { Field, Fields } from "../../../command/fields.ts";
import type { ServiceOffer } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { plain } from "../messages/blocks.ts";

/** Every input is called so, within the block that bears its field's name. */
export const answerAction = "answer";

/** Facts that inputs need besides their fields. */
export interface InputFacts {
  readonly text: Text;
  readonly services: readonly ServiceOffer[];
  /** The names of the styles that the member can draw in. */
  readonly styles?: readonly string[] | undefined;
  /** The names of the saved images that the member can start from. */
  readonly references?: readonly string[] | undefined;
  /** Changes of these are told at once, because the price may follow them. */
  readonly telling: (name: string, field: Field) => boolean;
}

/** Slack's limit for a multiline text; longer prompts need another platform. */
const textLimit = 3000;
const choicesLimit = 100;
const filesLimit = 10;
/** As many numbers are chosen, more are written. */
const fewNumbers = 20;
const imageTypes = ["png", "jpg", "jpeg", "webp"];

/** One input for each field that can be filled in. */
export function inputsFor(fields: Fields, facts: InputFacts): types.InputBlock[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const element = elementFor(field, facts);
    return element ? [inputBlock(name, field, element, facts)] : [];
  });
}

function inputBlock(
  name: string,
  field: Field,
  element: types.InputBlock["element"],
  { text, telling }: InputFacts,
): types.InputBlock {
  return {
    type: "input",
    block_id: name,
    label: plain(field.label(text), 150),
    hint: plain(field.hint(text), 150),
    optional: !field.required,
    ...(telling(name, field) ? { dispatch_action: true } : {}),
    element,
  };
}

/** Undefined for what a button fills in, and where there is nothing to choose. */
function elementFor(field: Field, facts: InputFacts): types.InputBlock["element"] | undefined {
  const action_id = answerAction;
  const choices = choicesOf(field, facts);
  if (choices) {
    return choices.length === 0 ? undefined : { type: "static_select", action_id, options: optionsOf(choices) };
  }
  switch (field.kind) {
    case "text": {
      const max_length = Math.min(field.maxLength, textLimit);
      return { type: "plain_text_input", action_id, multiline: field.multiline, max_length };
    }
    case "integer": {
      const bounds = { min_value: String(field.min), max_value: String(field.max) };
      return { type: "number_input", action_id, is_decimal_allowed: false, ...bounds };
    }
    case "image":
      return { type: "file_input", action_id, filetypes: imageTypes, max_files: 1 };
    case "images":
      return { type: "file_input", action_id, filetypes: imageTypes, max_files: Math.min(field.max, filesLimit) };
    case "member":
      return { type: "users_select", action_id };
    case "channel":
      return { type: "conversations_select", action_id, filter: { include: ["public", "private"] } };
    case "style": // nothing to choose from yet
    case "reference":
      return { type: "plain_text_input", action_id, max_length: 75 };
    case "role":
      return { type: "plain_text_input", action_id, max_length: 75 }; // Slack has no input for user groups
    case "yes-no":
    case "service":
    case "choice":
    case "job":
      return undefined;
  }
}

/** Value and label. */
export type Choice = readonly [value: string, label: string];

/** The choices for a field; undefined when it is written, or given in another way. */
export function choicesOf(
  field: Field,
  { text, services, styles = [], references = [] }: Omit<InputFacts, "telling">,
): Choice[] | undefined {
  switch (field.kind) {
    case "yes-no":
      return [
        ["yes", text.slack.yes],
        ["no", text.slack.no],
      ];
    case "style":
      return styles.length === 0 && field.required ? undefined : styles.map((name) => [name, name]);
    case "reference":
      return references.length === 0 || references.length > choicesLimit
        ? undefined
        : references.map((name) => [name, `@${name}`]);
    case "service":
      return services.map(({ name, label }) => [name, label]);
    case "choice":
      return field.choices.map(({ value, label }) => [value, label(text)]);
    case "integer": {
      if (field.max - field.min >= fewNumbers) return undefined;
      const numbers = Array.from({ length: field.max - field.min + 1 }, (_, index) => String(field.min + index));
      return numbers.map((number) => [number, number]);
    }
    default:
      return undefined;
  }
}

/** Slack takes 100 options of 75 characters. */
export function optionsOf(choices: readonly Choice[]): types.PlainTextOption[] {
  return choices.slice(0, choicesLimit).map(([value, label]) => ({ text: plain(label, 75), value: clip(value, 75) }));
}
