import type { Caller, UseCases } from "../contract/usecases.ts";
import type { Text } from "../text/text.ts";
import type { Answers, Fields } from "./fields.ts";
import type { Reply } from "./reply.ts";

/** What a command's `run` is given: checked answers, who asks, and all that the bot can do. */
export interface Invocation<F extends Fields> {
  readonly answers: Answers<F>;
  readonly caller: Caller;
  readonly usecases: UseCases;
  readonly text: Text;
  /** The caller saw the price of just this before asking for it: no question is needed. */
  readonly agreed?: boolean | undefined;
}

/** Commands under one name. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: (text: Text) => string;
}

/** A command is data: every platform renders its own registration, forms and help from it. */
export interface Command<F extends Fields = Fields> {
  /** Unique. A command of a group has the group's name first: `admin-grant` is `/admin grant`. */
  readonly name: string;
  /** Commands that platforms show under one name; listed in commands/groups.ts. */
  readonly group?: CommandGroup | undefined;
  /** `admins` are those who manage the tenant, and operators. Platforms hide it from others; use cases refuse them. */
  readonly audience: "everyone" | "admins";
  /** One line for lists and help. */
  readonly summary: (text: Text) => string;
  /** `typed` commands are registered with the platform; `button` commands are reached by buttons and replies only. */
  readonly entry: "typed" | "button";
  readonly fields: F;
  readonly run: (call: Invocation<F>) => Promise<Reply>;
}

/** Declares a command; the types of its answers follow from its fields. */
export function command<const F extends Fields>(declaration: Declaration<F>): Command<F> {
  return { audience: "everyone", ...declaration };
}

type Declaration<F extends Fields> = Omit<Command<F>, "audience"> & Partial<Pick<Command<F>, "audience">>;

/** A command whose fields are known only at run time: what platforms work with. */
// biome-ignore lint/suspicious/noExplicitAny: platforms read answers by the kinds of `fields` before `run` sees them
export type AnyCommand = Command<any>;
