import type {
  APIComponentInLabel,
  APILabelComponent,
  APIModalInteractionResponseCallbackData,
  APISelectMenuOption,
} from "discord.js";
import { ComponentType, TextInputStyle } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { Text } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { AskedField } from "./asked.ts";
import { formFields } from "./asked.ts";

/** The form that asks for what a button alone cannot answer; `customId` comes back with what was written. */
export function renderModal(
  { summary, fields }: AnyCommand,
  customId: string,
  text: Text,
): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId,
    title: clip(summary(text), 45),
    components: formFields(fields).map(
      ([key, field]): APILabelComponent => ({
        type: ComponentType.Label,
        label: clip(field.label(text), 45),
        description: clip(field.hint(text), 100),
        component: renderPart(key, field, text),
      }),
    ),
  };
}

function renderPart(key: string, field: AskedField, text: Text): APIComponentInLabel {
  const part = { custom_id: key, required: field.required };
  const least = field.required ? 1 : 0;
  switch (field.kind) {
    case "text": {
      const style = field.multiline ? TextInputStyle.Paragraph : TextInputStyle.Short;
      return { ...part, type: ComponentType.TextInput, style, max_length: Math.min(field.maxLength, 4000) };
    }
    case "integer": {
      const values = Array.from({ length: field.max - field.min + 1 }, (_, step) => String(field.min + step));
      return select(
        part,
        least,
        values.map((value) => ({ label: value, value })),
      );
    }
    case "service":
      return { ...part, type: ComponentType.TextInput, style: TextInputStyle.Short, max_length: 100 };
    case "choice": {
      if (field.open) return { ...part, type: ComponentType.TextInput, style: TextInputStyle.Short, max_length: 100 };
      return select(
        part,
        least,
        field.choices.map(({ value, label }) => ({ value, label: clip(label(text), 100) })),
      );
    }
    case "yes-no":
      return { custom_id: key, type: ComponentType.Checkbox };
    case "member":
      return { ...part, type: ComponentType.UserSelect, min_values: least };
    case "image":
    case "images": {
      const most = field.kind === "image" ? 1 : Math.min(field.max, 10);
      return { ...part, type: ComponentType.FileUpload, min_values: least, max_values: most };
    }
  }
}

/** A list to pick from where Discord's 25 lines suffice, else a line to write in. */
function select(
  part: { custom_id: string; required: boolean },
  least: number,
  options: APISelectMenuOption[],
): APIComponentInLabel {
  if (options.length > 25) return { ...part, type: ComponentType.TextInput, style: TextInputStyle.Short };
  return { ...part, type: ComponentType.StringSelect, min_values: least, options };
}
