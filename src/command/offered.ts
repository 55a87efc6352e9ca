import type { AnyCommand } from "./command.ts";
import type { Ability, Field, Fields } from "./fields.ts";

/** The commands that a platform offers. */
export function commandsOn(
  platform: NonNullable<AnyCommand["only"]>,
  commands: readonly AnyCommand[],
): readonly AnyCommand[] {
  return commands.filter(({ only }) => only === undefined || only === platform);
}

/** The commands without the fields and choices that need an ability which is not among `abilities`. */
export function offeredCommands(
  commands: readonly AnyCommand[],
  abilities: ReadonlySet<Ability>,
): readonly AnyCommand[] {
  const has = ({ needs }: { readonly needs?: Ability }) => needs === undefined || abilities.has(needs);
  const offered = (field: Field): Field =>
    field.kind === "choice" ? { ...field, choices: field.choices.filter(has) } : field;
  return commands.map((command) => {
    const fields = Object.entries(command.fields as Fields).filter(([, field]) => has(field));
    return { ...command, fields: Object.fromEntries(fields.map(([name, field]) => [name, offered(field)])) };
  });
}
