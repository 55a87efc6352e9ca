import { type AnyCommand, command, type Invocation } from "../src/command/command.ts";
import { cardReply, jobReply } from "../src/command/reply.ts";
import type { JobImage, JobView, Repetition } from "../src/usecases/usecases.ts";
import { jobField } from "./request-fields.ts";

const fields = { job: jobField } as const;
type Call = Invocation<typeof fields>;

const run: Readonly<Record<Repetition, (of: JobImage, call: Call) => Promise<JobView>>> = {
  again: ({ job }, { usecases, caller }) => usecases.again(job, caller),
  vary: (of, { usecases, caller }) => usecases.vary(of, caller),
  upscale: (of, { usecases, caller }) => usecases.upscale(of, caller),
};

/** A button, which asks first when it is dear, and the button of that question. */
function repetition(name: Repetition): readonly AnyCommand[] {
  const now = command({
    name: `${name}-now`,
    summary: (text) => text.commands[name],
    entry: "button",
    fields,
    run: async (call) => jobReply(await run[name](call.answers.job, call)),
  });
  const asking = command({
    name,
    summary: (text) => text.commands[name],
    entry: "button",
    fields,
    run: async (call) => {
      const { answers, caller, usecases, text } = call;
      const quote = await usecases.quoteRepetition(name, answers.job, caller);
      if (!quote.confirm) return now.run(call);
      return cardReply(text.cards.confirm(quote, now.name, answers.job.job, answers.job.index));
    },
  });
  return [asking, now];
}

/** Again, Vary and Upscale. */
export const repetitions: readonly AnyCommand[] = [
  ...repetition("again"),
  ...repetition("vary"),
  ...repetition("upscale"),
];
