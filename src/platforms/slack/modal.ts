import type { types } from "@slack/bolt";
import type { AnyCommand } from "../../command/command.ts";
import type { ChoiceField, Field, Fields } from "../../command/fields.ts";
import { type Text, textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { JobImage } from "../../usecases/usecases.ts";
import { plain } from "./blocks.ts";
import { wordsFor } from "./words.ts";

/** What a form remembers from being opened to being sent; as `private_metadata`, at most 3,000 characters. */
export interface FormMemory {
  readonly command: string;
  readonly job?: JobImage | undefined;
  /** Where the result goes; without it the form asks. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

export const formCallback = "form";
/** Every input is called so, within the block that bears its field's name. */
export const answerAction = "answer";
/** No field can be called so. */
export const whereBlock = ".where";

/** Slack's limit for a multiline text; longer prompts need another platform. */
const textLimit = 3000;
const choicesLimit = 100;
const filesLimit = 10;

/** The form of a command: one input for each field that can be filled in, and the place when it is not known yet. */
export function renderModal(command: AnyCommand, memory: FormMemory, locale: string): types.ModalView {
  const text = textFor(locale);
  const words = wordsFor(locale);
  return {
    type: "modal",
    callback_id: formCallback,
    private_metadata: JSON.stringify(memory),
    title: plain(command.name.charAt(0).toUpperCase() + command.name.slice(1), 24),
    submit: plain(words.submit, 24),
    close: plain(text.buttons.cancel, 24),
    blocks: [...inputs(command.fields, text), ...(memory.channel === undefined ? [whereInput(locale)] : [])],
  };
}

function inputs(fields: Fields, text: Text): types.InputBlock[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const element = elementFor(field, text);
    return element ? [inputBlock(name, field, element, text)] : [];
  });
}

function inputBlock(name: string, field: Field, element: types.InputBlock["element"], text: Text): types.InputBlock {
  return {
    type: "input",
    block_id: name,
    label: plain(field.label(text), 150),
    hint: plain(field.hint(text), 150),
    optional: !field.required,
    element,
  };
}

/** Undefined for what a button fills in. */
function elementFor(field: Field, text: Text): types.InputBlock["element"] | undefined {
  const action_id = answerAction;
  switch (field.kind) {
    case "text": {
      const max_length = Math.min(field.maxLength, textLimit);
      return { type: "plain_text_input", action_id, multiline: field.multiline, max_length };
    }
    case "integer": {
      const [min_value, max_value] = [String(field.min), String(field.max)];
      return { type: "number_input", action_id, is_decimal_allowed: false, min_value, max_value };
    }
    case "yes-no":
      return { type: "checkboxes", action_id, options: [{ text: plain(field.hint(text), 75), value: "yes" }] };
    case "service":
      return { type: "plain_text_input", action_id, max_length: 75 };
    case "choice":
      return { type: "static_select", action_id, options: options(field, text) };
    case "image":
      return { type: "file_input", action_id, filetypes: imageTypes, max_files: 1 };
    case "images":
      return { type: "file_input", action_id, filetypes: imageTypes, max_files: Math.min(field.max, filesLimit) };
    case "member":
      return { type: "users_select", action_id };
    case "job":
      return undefined;
  }
}

const imageTypes = ["png", "jpg", "jpeg", "webp"];

function options({ choices }: ChoiceField, text: Text): types.PlainTextOption[] {
  return choices
    .slice(0, choicesLimit)
    .map(({ value, label }) => ({ text: plain(label(text), 75), value: clip(value, 75) }));
}

function whereInput(locale: string): types.InputBlock {
  const words = wordsFor(locale);
  return {
    type: "input",
    block_id: whereBlock,
    label: plain(words.where, 150),
    hint: plain(words.whereHint, 150),
    optional: true,
    element: {
      type: "conversations_select",
      action_id: answerAction,
      default_to_current_conversation: true,
      response_url_enabled: true,
    },
  };
}
