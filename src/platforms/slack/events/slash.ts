import type { AnyCommand } from "../../../command/command.ts";
import type { Fields } from "../../../command/fields.ts";

/** `/imagine`, `/imagine-credits`; `/imagine-admin` for every command of the group. */
export function slashName({ name, group, startsJob }: AnyCommand): string {
  return startsJob === "from-words" ? "/imagine" : `/imagine-${group?.name ?? name}`;
}

/** Writes a command as members type it: `/imagine-admin grant`. */
export function typedName(command: AnyCommand): string {
  const { name, group } = command;
  return group ? `${slashName(command)} ${name.slice(group.name.length + 1)}` : slashName(command);
}

/** A slash command, read. */
export type Slash =
  | { readonly command: AnyCommand; readonly line: string }
  /** A group without a command that it has. */
  | { readonly group: readonly AnyCommand[] };

/** Finds a slash command; undefined when there is none. */
export function readSlash(commands: readonly AnyCommand[], slash: string, text: string): Slash | undefined {
  const named = commands.filter((command) => command.entry === "typed" && slashName(command) === slash);
  const [first] = named;
  if (!first) return undefined;
  if (!first.group) return { command: first, line: text };
  const [word = "", ...rest] = text.split(/\s+/);
  const command = named.find(({ name, group }) => name.slice((group?.name.length ?? 0) + 1) === word.toLowerCase());
  return command ? { command, line: rest.join(" ") } : { group: named };
}

/** Are members, groups or channels named in it? Then Slack must say which ones. */
export function namesPeople({ fields }: AnyCommand): boolean {
  return Object.values(fields as Fields).some(({ kind }) => kind === "member" || kind === "role" || kind === "channel");
}
