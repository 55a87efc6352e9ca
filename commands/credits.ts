import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";

export const credits = command({
  name: "credits",
  summary: (text) => text.commands.credits,
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.creditsCard(await usecases.credits(caller))),
});
