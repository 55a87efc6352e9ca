import type { AnyCommand } from "../../command/command.ts";
import type { Fields } from "../../command/fields.ts";
import type { Card } from "../../text/card.ts";
import type { Text } from "../../text/text.ts";
import { isTyped } from "./line.ts";
import { slashName } from "./manifest.ts";

/** What can be typed: this command's options, and the other commands. */
export function helpCard(command: AnyCommand, commands: readonly AnyCommand[], text: Text): Card {
  const fields: Fields = command.fields;
  const options = Object.entries(fields).filter(([, field]) => isTyped(field));
  const others = commands.filter((other) => other.entry === "typed" && other !== command);
  return {
    title: slashName(command),
    tone: "plain",
    paragraphs: [command.summary(text)],
    rows: [
      ...options.map(([name, field]) => ({
        label: field.kind === "text" ? `[${name}]` : `--${name}`,
        value: field.hint(text),
      })),
      ...others.map((other) => ({ label: slashName(other), value: other.summary(text) })),
    ],
  };
}
