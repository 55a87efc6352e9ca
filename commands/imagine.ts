import { command } from "../src/command/command.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import { promptField, requestFields } from "./request-fields.ts";

export const imagine = command({
  name: "imagine",
  summary: (text) => text.commands.imagine,
  entry: "typed",
  startsJob: "from-words",
  fields: { prompt: promptField("prompt"), ...requestFields },
  run: (call) => submitOrder(call, { kind: "draft", draft: call.answers }),
});
