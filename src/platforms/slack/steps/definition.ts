import { type AnyCommand, starterIn } from "../../../command/command.ts";
import type { Field, Fields } from "../../../command/fields.ts";
import { textFor } from "../../../text/text.ts";
import { stepCallback } from "./step-event.ts";

/** An input or output of a step, as the app manifest has it. */
export interface StepParameter {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly name: string;
  readonly is_required: boolean;
  readonly enum?: readonly string[];
  readonly choices?: readonly { readonly value: string; readonly title: string }[];
}

type Parameters = Readonly<Record<string, StepParameter>>;

export interface StepDefinition {
  readonly title: string;
  readonly description: string;
  readonly input_parameters: Parameters;
  readonly output_parameters: Parameters;
}

/** The step of workflows as Slack's Workflow Builder offers it; none where nothing can be drawn from words. */
export function stepDefinitions(commands: readonly AnyCommand[]): Readonly<Record<string, StepDefinition>> {
  const imagine = starterIn(commands, "from-words");
  if (!imagine) return {};
  const { stepForm } = textFor("en").slack.steps;
  return {
    [stepCallback]: {
      title: stepForm.title,
      description: stepForm.description,
      input_parameters: inputs(imagine.fields),
      output_parameters: outputs(),
    },
  };
}

function inputs({ size, quality }: Fields): Parameters {
  return {
    ...parameter("prompt", "string", { isRequired: true }),
    ...parameter("style", "string"),
    ...parameter("size", "string", choicesOf(size)),
    ...parameter("quality", "string", choicesOf(quality)),
    ...parameter("references", "string"),
    ...parameter("channel", "slack#/types/channel_id"),
    // Workflow Builder shows no field for it and fills it in by itself: whoever builds a workflow cannot name somebody else
    ...parameter("starter", "slack#/types/user_context"),
  };
}

function outputs(): Parameters {
  return {
    ...parameter("file", "slack#/types/file_id", { isRequired: true }),
    ...parameter("permalink", "string", { isRequired: true }),
    ...parameter("price", "integer", { isRequired: true }),
    ...parameter("job", "string", { isRequired: true }),
  };
}

type ParameterName = keyof ReturnType<typeof textFor>["slack"]["steps"]["stepForm"]["fields"];

function parameter(
  name: ParameterName,
  type: string,
  { isRequired = false, ...choices }: { readonly isRequired?: boolean } & Pick<StepParameter, "enum" | "choices"> = {},
): Parameters {
  const { title, description } = textFor("en").slack.steps.stepForm.fields[name];
  return { [name]: { type, title, description, name, is_required: isRequired, ...choices } };
}

/** The values that a field offers, with their labels. */
function choicesOf(field: Field | undefined): Pick<StepParameter, "enum" | "choices"> {
  if (field?.kind !== "choice") return {};
  const text = textFor("en");
  return {
    enum: field.choices.map(({ value }) => value),
    choices: field.choices.map(({ value, label }) => ({ value, title: label(text) })),
  };
}
