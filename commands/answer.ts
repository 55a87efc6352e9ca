import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import { jobField } from "./request-fields.ts";

/** Yes; its job field holds the id of the confirmation. */
const accept = command({
  name: "accept",
  summary: (text) => text.commands.accept,
  entry: "button",
  startsJob: "as-it-stands",
  answersConfirmation: true,
  fields: { job: jobField },
  run: (call) => submitOrder(call, { kind: "confirmation", id: call.answers.job.job }),
});

/** Yes, but with the sentence as it was written, out of which options were taken; likewise. */
const asWritten = command({
  name: "as-written",
  summary: (text) => text.commands["as-written"],
  entry: "button",
  startsJob: "as-it-stands",
  answersConfirmation: true,
  fields: { job: jobField },
  run: (call) => submitOrder(call, { kind: "confirmation", id: call.answers.job.job, asWritten: true }),
});

/** No; likewise. */
const decline = command({
  name: "decline",
  summary: (text) => text.commands.decline,
  entry: "button",
  answersConfirmation: true,
  fields: { job: jobField },
  run: async ({ answers, caller, usecases, text }) => {
    await usecases.reject(answers.job.job, caller);
    return cardReply(text.cards.declined());
  },
});

/** The buttons of a confirmation: is it to be made for its price? */
export const answers: readonly AnyCommand[] = [accept, asWritten, decline];
