import { command } from "../src/command/command.ts";
import { submitOrder } from "../src/command/submit-order.ts";
import { latestJob } from "./latest-job.ts";
import { jobField, promptField, requestFields } from "./request-fields.ts";

/** Typed, with images of one's own or over one's latest result; by the Edit button; and by replying to an image. */
export const edit = command({
  name: "edit",
  summary: (text) => text.commands.edit,
  entry: "typed",
  startsJob: "from-images",
  fields: { job: { ...jobField, required: false }, prompt: promptField("change"), ...requestFields },
  run: async (call) => {
    const { answers: draft, caller, usecases } = call;
    const of = draft.job ?? (draft.images?.length ? undefined : await latestJob(usecases, caller));
    return submitOrder(call, of ? { kind: "edit", of, draft } : { kind: "draft", draft });
  },
});
