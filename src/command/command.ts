import type { AsWritten, Caller, SubmitOptions, UseCases } from "../contract/usecases.ts";
import type { Text } from "../text/text.ts";
import type { Answers, Fields } from "./fields.ts";
import type { Reply } from "./reply.ts";

/** Everything that a command's `run` is given: checked answers, who asks, and all that the bot can do. */
export interface Invocation<F extends Fields> {
  readonly answers: Answers<F>;
  readonly caller: Caller;
  readonly usecases: UseCases;
  readonly text: Text;
  /** How an order of this command is submitted: whether its price was seen, and how its job is announced. */
  readonly submission?: SubmitOptions | undefined;
  /** The words of the answers before options were taken out of them. */
  readonly asWritten?: AsWritten | undefined;
  /** As in Draft.plainWords. */
  readonly plainWords?: readonly string[] | undefined;
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
  /** How it starts a job: from words, over images, or from an earlier job or a confirmation as it stands. */
  readonly startsJob?: "from-words" | "from-images" | "as-it-stands" | undefined;
  /** It stops a job: whoever shows that job shows how it ended. */
  readonly stopsJob?: boolean | undefined;
  /** It answers a question that was put to one member: once it succeeds, the question is gone. */
  readonly answersConfirmation?: boolean | undefined;
  /** It deletes what cannot be brought back: platforms ask before it runs, unless it answers such a question itself. */
  readonly destructive?: boolean | undefined;
  /** It changes what fields of other commands offer: who shows those asks for them anew. */
  readonly changesChoices?: boolean | undefined;
  /** It saves an image under a name: platforms offer it in the menu of every message with images. */
  readonly savesImage?: boolean | undefined;
  /** It leads to a page for painting over an image: platforms offer it in the menu of every message with images. */
  readonly paintsImage?: boolean | undefined;
  /** It changes how posted images are described and hidden: a platform may show a form of its own for all images of a message. */
  readonly describesImages?: boolean | undefined;
  /** It leads to a page of its member: there is none of it where the installation has no address for pages. */
  readonly needsPages?: boolean | undefined;
  /** The platform that alone offers it; undefined: all do. */
  readonly only?: "discord" | "slack" | "web" | undefined;
  /** It shows something for which a platform may have a view of its own. */
  readonly shows?: "job" | "history" | "settings" | "commands" | undefined;
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

/** The first command that starts a job so; a bot whose list has none cannot be asked in that way. */
export function starterIn(
  commands: readonly AnyCommand[],
  startsJob: NonNullable<Command["startsJob"]>,
): AnyCommand | undefined {
  return commands.find((command) => command.startsJob === startsJob);
}

/** The command that saves an image under a name, where the list has one. */
export function saverIn(commands: readonly AnyCommand[]): AnyCommand | undefined {
  return commands.find(({ savesImage }) => savesImage);
}

/** The command that leads to a page for painting, where the list has one. */
export function painterIn(commands: readonly AnyCommand[]): AnyCommand | undefined {
  return commands.find(({ paintsImage }) => paintsImage);
}
