import { command } from "../src/command/command.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import { jobField } from "./request-fields.ts";

/** The Final button of a draft. */
export const final = command({
  name: "final",
  summary: (text) => text.commands.final,
  entry: "button",
  startsJob: "as-it-stands",
  fields: { job: jobField },
  run: (call) => submitOrder(call, { kind: "final", of: call.answers.job }),
});
