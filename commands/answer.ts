import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply, jobReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

/** Yes; in the place of a job there is the question (src/command/make-or-ask.ts). */
const accept = command({
  name: "accept",
  summary: (text) => text.commands.accept,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.confirm(answers.job.job, caller)),
});

/** No. */
const decline = command({
  name: "decline",
  summary: (text) => text.commands.decline,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases, text }) => {
    await usecases.reject(answers.job.job, caller);
    return cardReply(text.cards.declined());
  },
});

/** The buttons of the question whether something is to be made for its price. */
export const answers: readonly AnyCommand[] = [accept, decline];
