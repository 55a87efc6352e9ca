import { command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

export const cancel = command({
  name: "cancel",
  summary: (text) => text.commands.cancel,
  entry: "button",
  stopsJob: true,
  fields: { job: jobField },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.job(await usecases.cancel(answers.job.job, caller))),
});
