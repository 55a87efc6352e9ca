import type { AnyCommand } from "../../../command/command.ts";
import type { Field, Fields } from "../../../command/fields.ts";
import type { PlatformContext } from "../../platform.ts";

export function commandNamed({ commands }: Pick<PlatformContext, "commands">, name: string): AnyCommand | undefined {
  return commands.find((command) => command.name === name);
}

export function hasField({ fields }: AnyCommand, fits: (field: Field) => boolean): boolean {
  return Object.values(fields as Fields).some(fits);
}
