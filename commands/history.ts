import { command, type Invocation } from "../src/command/command.ts";
import type { Fields } from "../src/command/fields.ts";
import type { Reply } from "../src/command/reply.ts";
import { described, jobField } from "./request-fields.ts";

const pageLength = 5;

export const history = command({
  name: "history",
  summary: (text) => text.commands.history,
  entry: "typed",
  shows: "history",
  fields: { search: { kind: "text", ...described("search"), required: false, maxLength: 200, multiline: false } },
  run: (call) => page(call, { search: call.answers.search }),
});

/** The button at the end of a page; its job is the last one there. */
export const older = command({
  name: "older",
  summary: (text) => text.commands.older,
  entry: "button",
  fields: { job: jobField },
  run: (call) => page(call, { before: call.answers.job.job }),
});

async function page<F extends Fields>(
  { caller, usecases, text }: Invocation<F>,
  query: { search?: string | undefined; before?: string },
): Promise<Reply> {
  const jobs = await usecases.history(caller, { ...query, limit: pageLength });
  return { kind: "history", card: text.cards.history(jobs, query.search, pageLength), jobs };
}
