import { command } from "../src/command/command.ts";
import { jobReply } from "../src/command/reply.ts";
import { jobField, promptField, requestFields } from "./request-fields.ts";

/** Reached by the Edit button and by replying to an image. */
export const edit = command({
  name: "edit",
  summary: (text) => text.commands.edit,
  entry: "button",
  fields: { job: jobField, prompt: promptField("change"), ...requestFields },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.edit(answers.job, answers, caller)),
});
