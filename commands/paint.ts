import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

/** The Paint button: a link by which the member alone comes to a page for painting. */
export const paint = command({
  name: "paint",
  summary: (text) => text.commands.paint,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.cards.paintLink(await usecases.visits.offer({ kind: "paint", of: answers.job }, caller))),
});
