import { command } from "../src/command/command.ts";
import { jobReply } from "../src/command/reply.ts";
import { promptField, requestFields } from "./request-fields.ts";

export const imagine = command({
  name: "imagine",
  summary: (text) => text.commands.imagine,
  entry: "typed",
  fields: { prompt: promptField("prompt"), ...requestFields },
  run: async ({ answers, caller, usecases }) => jobReply(await usecases.imagine(answers, caller)),
});
