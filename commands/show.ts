import { command } from "../src/command/command.ts";
import { jobField } from "./request-fields.ts";

/** A button in the history. */
export const show = command({
  name: "show",
  summary: (text) => text.commands.show,
  entry: "button",
  shows: "job",
  fields: { job: jobField },
  run: async ({ answers, caller, usecases }) => ({
    kind: "images",
    job: await usecases.job(answers.job.job, caller),
  }),
});
