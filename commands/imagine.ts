import { command } from "../src/command/command.ts";
import { makeOrAsk } from "../src/command/make-or-ask.ts";
import { promptField, requestFields } from "./request-fields.ts";

export const imagine = command({
  name: "imagine",
  summary: (text) => text.commands.imagine,
  entry: "typed",
  fields: { prompt: promptField("prompt"), ...requestFields },
  run: (call) => makeOrAsk(call, { draft: call.answers }, () => call.usecases.imagine(call.answers, call.caller)),
});
