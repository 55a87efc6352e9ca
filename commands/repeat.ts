import { type AnyCommand, command } from "../src/command/command.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import type { Repetition } from "../src/contract/usecases.ts";
import { jobField } from "./request-fields.ts";

function repetition(kind: Repetition): AnyCommand {
  return command({
    name: kind,
    summary: (text) => text.commands[kind],
    entry: "button",
    startsJob: "as-it-stands",
    fields: { job: jobField },
    run: (call) => submitOrder(call, { kind, of: call.answers.job }),
  });
}

/** The buttons Again, Vary and Upscale. */
export const repetitions: readonly AnyCommand[] = [repetition("again"), repetition("vary"), repetition("upscale")];
