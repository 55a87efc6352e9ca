import { commands } from "../../commands/index.ts";
import type { AnyCommand } from "../command/command.ts";
import type { Ability } from "../command/fields.ts";
import { offeredCommands } from "../command/offered.ts";
import type { Capabilities, Provider } from "../providers/provider.ts";

const has: Readonly<Record<Ability, (capabilities: Capabilities) => boolean>> = {
  background: ({ backgrounds }) => backgrounds.length > 1,
  transparent: ({ backgrounds }) => backgrounds.includes("transparent"),
  compression: ({ compression }) => compression !== "never",
  fidelity: ({ fidelity }) => fidelity,
};

/** The bot's commands, with the options that some service in use has; `hasPages`: members can come to pages of their own. */
export function commandsFor(
  providers: readonly Pick<Provider, "capabilities">[],
  { hasPages = true }: { readonly hasPages?: boolean } = {},
): readonly AnyCommand[] {
  const abilities = (Object.keys(has) as Ability[]).filter((ability) =>
    providers.some(({ capabilities }) => has[ability](capabilities)),
  );
  const possible = commands.filter(({ needsPages }) => hasPages || !needsPages);
  return offeredCommands(possible, new Set(abilities));
}
