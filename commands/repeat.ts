import { type AnyCommand, command, type Invocation } from "../src/command/command.ts";
import { makeOrAsk } from "../src/command/make-or-ask.ts";
import type { JobImage, JobView, Repetition } from "../src/contract/usecases.ts";
import { jobField } from "./request-fields.ts";

const fields = { job: jobField } as const;
type Call = Invocation<typeof fields>;

const make: Readonly<Record<Repetition, (of: JobImage, call: Call) => Promise<JobView>>> = {
  again: ({ job }, { usecases, caller }) => usecases.again(job, caller),
  vary: (of, { usecases, caller }) => usecases.vary(of, caller),
  upscale: (of, { usecases, caller }) => usecases.upscale(of, caller),
};

function repetition(how: Repetition): AnyCommand {
  return command({
    name: how,
    summary: (text) => text.commands[how],
    entry: "button",
    fields,
    run: (call) => makeOrAsk(call, { how, of: call.answers.job }, () => make[how](call.answers.job, call)),
  });
}

/** The buttons Again, Vary and Upscale. */
export const repetitions: readonly AnyCommand[] = [repetition("again"), repetition("vary"), repetition("upscale")];
