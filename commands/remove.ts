import { command } from "../src/command/command.ts";
import { jobField } from "./request-fields.ts";

/** The Delete button. */
export const remove = command({
  name: "remove",
  summary: (text) => text.commands.remove,
  entry: "button",
  destructive: true,
  fields: { job: jobField },
  run: async ({ answers, caller, usecases, text }) => {
    const messages = await usecases.messagesOf(answers.job.job, caller);
    await usecases.remove(answers.job.job, caller);
    return { kind: "removed", card: text.cards.removed(), messages };
  },
});
