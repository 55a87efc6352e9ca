import { command } from "../src/command/command.ts";
import { jobReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

export const upscale = command({
  name: "upscale",
  summary: (text) => text.commands.upscale,
  entry: "button",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.upscale(answers.job, caller)),
});
