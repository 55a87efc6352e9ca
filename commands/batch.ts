import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import { jobField } from "./request-fields.ts";

const shared = { entry: "button", fields: { job: jobField } } as const;

/** Takes back whatever of it was not sent. */
const cancel = command({
  ...shared,
  name: "batch-cancel",
  summary: (text) => text.commands["batch-cancel"],
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.batches.card(await usecases.batches.cancel(answers.job.job, caller))),
});

const again = command({
  ...shared,
  name: "batch-again",
  summary: (text) => text.commands["batch-again"],
  startsJob: "as-it-stands",
  run: (call) => submitOrder(call, { kind: "batch-again", of: call.answers.job }),
});

const remove = command({
  ...shared,
  name: "batch-remove",
  summary: (text) => text.commands["batch-remove"],
  destructive: true,
  run: async ({ answers, caller, usecases, text }) => {
    const messages = await usecases.batches.remove(answers.job.job, caller);
    return { kind: "removed", card: text.cards.removed(), messages };
  },
});

/** The buttons of a batch as a whole; their job is any of its parts. */
export const batches: readonly AnyCommand[] = [cancel, again, remove];
