import path from "node:path";
import type { Caller, Draft, Files, JobView, QuoteView, UsageReport, UseCases } from "../contract/usecases.ts";
import type { Credits } from "../request.ts";
import { terminalPlatform } from "./terminal-platform.ts";

/**
 * Takes what a terminal asks, by the use cases in this process or by a bot that runs and holds the database.
 * Each call throws Refusal to say no on purpose. `request` makes a repetition of the same call harmless.
 */
export interface LocalApi {
  quote(draft: Draft, files: Files): Promise<QuoteView>;
  imagine(draft: Draft, request: string): Promise<JobView>;
  /** The job now, then at each change, until it is final or `signal` aborts. */
  watch(job: string, signal: AbortSignal): AsyncIterable<JobView>;
  cancel(job: string, request: string): Promise<JobView>;
  /** The path of image `index` of a job on this machine. */
  imagePath(job: string, index: number): Promise<string>;
  grant(member: string, amount: Credits, request: string): Promise<{ readonly available: Credits }>;
  usage(days: number): Promise<UsageReport>;
}

/** Whoever may run this program in this folder is the operator. */
function callerFor(request: string): Caller {
  return {
    platform: terminalPlatform.name,
    tenant: terminalPlatform.name,
    member: "terminal:local",
    name: "Terminal",
    locale: "en",
    replyTarget: "{}",
    inbound: `terminal:${request}`,
    rights: "operator",
  };
}

/** Over the use cases of this process. */
export function createLocalApi(usecases: UseCases): LocalApi {
  return {
    quote: (draft, files) => usecases.quote({ ...draft, literal: true }, callerFor("quote"), files),
    async imagine(draft, request) {
      const submitted = await usecases.submit(
        { kind: "draft", draft: { ...draft, literal: true } },
        callerFor(request),
        { confirmed: true, sawNotes: true },
      );
      if (submitted.kind !== "job") throw new Error("what was confirmed is asked about again");
      return submitted.job;
    },
    watch: (job, signal) => usecases.watch(job, signal),
    cancel: (job, request) => usecases.cancel(job, callerFor(request)),
    async imagePath(job, index) {
      const { path: file } = await usecases.imageFile({ job, index }, callerFor("image"));
      return path.resolve(file);
    },
    grant: (member, amount, request) => usecases.admin.grant(member, amount, callerFor(request)),
    usage: (days) => usecases.admin.usage(days, callerFor("usage")),
  };
}
