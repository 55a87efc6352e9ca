import { command } from "../src/command/command.ts";
import { jobReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

export const again = command({
  name: "again",
  summary: (text) => text.commands.again,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.again(answers.job.job, caller)),
});
