import type { Text } from "../text/text.ts";
import type { Caller, UseCases } from "../usecases/usecases.ts";
import type { Answers, Fields } from "./fields.ts";
import type { Reply } from "./reply.ts";

/** What a command's `run` is given: checked answers, who asks, and all that the bot can do. */
export interface Invocation<F extends Fields> {
  readonly answers: Answers<F>;
  readonly caller: Caller;
  readonly usecases: UseCases;
  readonly text: Text;
}

/** A command is data: every platform renders its own registration, forms and help from it. */
export interface Command<F extends Fields = Fields> {
  readonly name: string;
  /** One line for lists and help. */
  readonly summary: (text: Text) => string;
  /** `typed` commands are registered with the platform; `button` commands are reached by buttons and replies only. */
  readonly entry: "typed" | "button";
  readonly fields: F;
  readonly run: (call: Invocation<F>) => Promise<Reply>;
}

/** Declares a command; the types of its answers follow from its fields. */
export function command<const F extends Fields>(declaration: Command<F>): Command<F> {
  return declaration;
}

/** A command whose fields are known only at run time: what platforms work with. */
// biome-ignore lint/suspicious/noExplicitAny: platforms read answers by the kinds of `fields` before `run` sees them
export type AnyCommand = Command<any>;
