import { command } from "../src/command/command.ts";
import { batchReply } from "../src/command/reply.ts";
import { jobField } from "./request-fields.ts";

/** A button in the history; a part of a batch is shown with all others. */
export const show = command({
  name: "show",
  summary: (text) => text.commands.show,
  entry: "button",
  shows: "job",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => {
    const job = await usecases.job(answers.job.job, caller);
    return job.batch ? batchReply(await usecases.batches.view(job.id, caller)) : { kind: "images", job };
  },
});
