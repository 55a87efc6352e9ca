import { command } from "../src/command/command.ts";
import { jobReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

export const vary = command({
  name: "vary",
  summary: (text) => text.commands.vary,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.vary(answers.job, caller)),
});
