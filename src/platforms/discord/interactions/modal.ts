import type {
  APIComponentInLabel,
  APILabelComponent,
  APIModalInteractionResponseCallbackData,
  APISelectMenuOption,
} from "discord.js";
import { ComponentType, TextInputStyle } from "discord.js";
import type { AnyCommand } from "../../../command/command.ts";
import type { ChoiceField, IntegerField } from "../../../command/fields.ts";
import type { UseCases } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { AskedField } from "../registration/fields.ts";
import { formFields } from "../registration/fields.ts";
import { pricedSizes } from "./sizes.ts";

interface Deps {
  readonly usecases: Pick<UseCases, "services">;
  readonly text: Text;
  /** Stands below the form's first line in the place of its hint. */
  readonly note?: string | undefined;
}

/** The form that asks for what a button alone cannot answer; `customId` comes back with what was written. */
export function renderModal(
  { summary, fields }: AnyCommand,
  customId: string,
  deps: Deps,
): APIModalInteractionResponseCallbackData {
  const { text, note } = deps;
  return {
    custom_id: customId,
    title: clip(summary(text), 45),
    components: formFields(fields).map(
      ([key, field], index): APILabelComponent => ({
        type: ComponentType.Label,
        label: clip(field.label(text), 45),
        description: clip((index === 0 && note) || hintOf(key, field, "mask" in fields, text), 100),
        component: renderPart(key, field, deps),
      }),
    ),
  };
}

function hintOf(key: string, field: AskedField, masked: boolean, text: Text): string {
  return key === "images" && masked ? text.discord.uploadHint : field.hint(text);
}

interface Part {
  readonly custom_id: string;
  readonly required: boolean;
}

function renderPart(key: string, field: AskedField, deps: Deps): APIComponentInLabel {
  const part: Part = { custom_id: key, required: field.required };
  const least = field.required ? 1 : 0;
  switch (field.kind) {
    case "text": {
      const style = field.multiline ? TextInputStyle.Paragraph : TextInputStyle.Short;
      return { ...part, type: ComponentType.TextInput, style, max_length: Math.min(field.maxLength, 4000) };
    }
    case "integer":
      return select(part, integers(field));
    case "service":
      return field.required ? select(part, servicesOf(deps)) : line(part);
    case "style":
    case "reference":
      return line(part);
    case "choice":
      return choice(key, field, part, deps);
    case "yes-no":
      return { custom_id: key, type: ComponentType.Checkbox };
    case "member":
      return { ...part, type: ComponentType.UserSelect, min_values: least };
    case "role":
      return { ...part, type: ComponentType.RoleSelect, min_values: least };
    case "channel":
      return { ...part, type: ComponentType.ChannelSelect, min_values: least };
    case "image":
      return { ...part, type: ComponentType.FileUpload, min_values: least, max_values: 1 };
    case "images":
      return { ...part, type: ComponentType.FileUpload, min_values: least, max_values: Math.min(field.max, 10) };
  }
}

/** Sizes with their prices for one image; few words side by side; many in a list. */
function choice(key: string, field: ChoiceField, part: Part, { usecases, text }: Deps): APIComponentInLabel {
  if (key === "size") {
    const sizes = pricedSizes({}, usecases, text).map(({ value, name }) => ({ value, label: clip(name, 100) }));
    return sizes.length > 0 ? select(part, sizes) : line(part);
  }
  if (field.open) return line(part);
  const options = field.choices.map(({ value, label }) => ({ value, label: clip(label(text), 100) }));
  return options.length >= 2 && options.length <= 10
    ? { ...part, type: ComponentType.RadioGroup, options }
    : select(part, options);
}

function line(part: Part): APIComponentInLabel {
  return { ...part, type: ComponentType.TextInput, style: TextInputStyle.Short, max_length: 100 };
}

/** A list to pick from where Discord's 25 lines suffice, else a line to write in. */
function select(part: Part, options: APISelectMenuOption[]): APIComponentInLabel {
  if (options.length > 25 || options.length === 0) return line(part);
  return { ...part, type: ComponentType.StringSelect, min_values: part.required ? 1 : 0, options };
}

function servicesOf({ usecases }: Deps): APISelectMenuOption[] {
  return usecases.services({}).map(({ name, label }) => ({ value: name, label: clip(label, 100) }));
}

function integers({ min, max }: IntegerField): APISelectMenuOption[] {
  const values = Array.from({ length: Math.min(max - min + 1, 26) }, (_, step) => String(min + step));
  return values.map((value) => ({ label: value, value }));
}
