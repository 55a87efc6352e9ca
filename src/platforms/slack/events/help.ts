import type { AnyCommand } from "../../../command/command.ts";
import type { Fields } from "../../../command/fields.ts";
import type { Card } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { isTyped } from "./line.ts";
import { typedName } from "./slash.ts";

/** Lists what can be typed: this command's options, and the other commands; those for admins only to admins. */
export function helpCard(command: AnyCommand, commands: readonly AnyCommand[], text: Text, admin: boolean): Card {
  const fields: Fields = command.fields;
  const options = Object.entries(fields).filter(([, field]) => isTyped(field));
  const others = commands.filter(
    ({ entry, audience, name }) => entry === "typed" && name !== command.name && (audience === "everyone" || admin),
  );
  return {
    title: typedName(command),
    tone: "plain",
    paragraphs: [command.summary(text)],
    rows: [
      ...options.map(([name, field]) => ({
        label: field.kind === "text" ? `[${name}]` : `--${name}`,
        value: field.hint(text),
      })),
      ...others.map((other) => ({ label: typedName(other), value: other.summary(text) })),
    ],
  };
}

/** Lists what can be typed behind the name of a group. */
export function groupCard(group: readonly AnyCommand[], text: Text): Card {
  return {
    title: group[0]?.group?.summary(text) ?? "",
    tone: "plain",
    paragraphs: [text.slack.groupHelp],
    rows: group.map((command) => ({ label: typedName(command), value: command.summary(text) })),
  };
}
