import type { AnyCommand } from "../../../command/command.ts";
import type { Field, Fields } from "../../../command/fields.ts";
import type { PlatformContext } from "../../platform.ts";

type Commands = Pick<PlatformContext, "commands">;

/** The command that a button or a form names. */
export function commandNamed({ commands }: Commands, name: string): AnyCommand | undefined {
  return commands.find((command) => command.name === name);
}

export function settingsCommand({ commands }: Commands): AnyCommand | undefined {
  return commands.find(({ shows }) => shows === "settings");
}

export function hasField({ fields }: AnyCommand, fits: (field: Field) => boolean): boolean {
  return Object.values(fields as Fields).some(fits);
}
