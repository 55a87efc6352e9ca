import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";

/** Lists what can be typed, in the order of `all`; what is for admins only they see. */
export const helpFor = (all: readonly AnyCommand[]) =>
  command({
    name: "help",
    summary: (text) => text.commands.help,
    entry: "typed",
    shows: "commands",
    fields: {},
    run: async ({ caller, text }) => {
      const shown = all.filter(
        ({ entry, audience }) => entry === "typed" && (audience === "everyone" || caller.rights !== undefined),
      );
      const rows = shown.map(({ name, group, summary }) => ({
        label: `/${group ? name.replace("-", " ") : name}`,
        value: summary(text),
      }));
      return cardReply(text.cards.help(rows));
    },
  });
