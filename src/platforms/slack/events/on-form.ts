import type { BlockAction, RespondFn, ViewOutput, ViewSubmitAction } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import type { Fields } from "../../../command/fields.ts";
import { meantBy } from "../../../contract/usecases.ts";
import { Refusal } from "../../../errors.ts";
import type { IncomingImage } from "../../../image.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { formEvent } from "./events.ts";
import { readForm, whereIn } from "./form.ts";
import { incomingImages, type SlackFile } from "./incoming.ts";
import { commandNamed } from "./lookup.ts";
import { type FormMemory, isPriced } from "./modal.ts";
import { toQuoteInput } from "./quote-input.ts";
import { runCommand } from "./run.ts";

/** A form as it was sent, or as it stands. */
export interface Filled {
  readonly command: AnyCommand;
  readonly memory: FormMemory;
  /** Files are as Slack names them. */
  readonly answers: Record<string, unknown>;
}

/** Finds the command of a form; undefined when it is no more. */
export function readView(slack: SlackContext, view: ViewOutput, team: string): Filled | undefined {
  const memory: FormMemory = JSON.parse(view.private_metadata);
  const command = commandNamed(slack.context, memory.command);
  if (!command) return undefined;
  return { command, memory, answers: readForm(command.fields, view.state.values, { team, job: memory.job }) };
}

export function submissionEvent(
  slack: SlackContext,
  team: string,
  body: ViewSubmitAction,
  respond: RespondFn | undefined,
): SlackEvent {
  const memory: FormMemory = JSON.parse(body.view.private_metadata);
  return formEvent(team, body, whereIn(memory, body.view.state.values), respond, slack.options.locale);
}

/** Runs what the form says, over the images of the message that it was opened on. */
export async function onForm(
  slack: SlackContext,
  { command, memory, answers }: Filled,
  event: SlackEvent,
): Promise<void> {
  const { job, images } = await sourceOf(slack, memory, event);
  const files = await incomingFiles(slack, command, answers, event.team);
  const all = [...images, ...((files.images as readonly IncomingImage[] | undefined) ?? [])];
  const agreed = isPriced(command); // its form shows the price
  await runCommand(slack, command, { ...answers, ...files, job: answers.job ?? job, images: all }, event, {
    confirmed: agreed,
  });
}

/** The files among the answers, to be fetched. Throws Refusal `image-unavailable`. */
async function incomingFiles(
  slack: SlackContext,
  command: AnyCommand,
  answers: Record<string, unknown>,
  team: string,
): Promise<Record<string, unknown>> {
  const incoming: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(command.fields as Fields)) {
    const answer = answers[name];
    if (answer === undefined) continue;
    if (field.kind === "images") incoming[name] = await incomingImages(slack, team, answer as readonly SlackFile[]);
    if (field.kind === "image") [incoming[name]] = await incomingImages(slack, team, [answer as SlackFile]);
  }
  return incoming;
}

/** Shows what the form would cost as it stands now. */
export async function onChoice(slack: SlackContext, body: BlockAction, event: SlackEvent): Promise<void> {
  if (!body.view) return;
  const filled = readView(slack, body.view, event.team);
  if (!filled) return;
  const { command, memory, answers } = filled;
  const input = toQuoteInput(answers, memory);
  if (!input) return;
  const { id, hash } = body.view;
  void slack.prices.show({ id, hash, memory }, command, input, event);
}

/** Throws Refusal `job-has-no-images` when the form was opened on a message that has none. */
export async function sourceOf(slack: SlackContext, { message, files = [] }: FormMemory, event: SlackEvent) {
  const images = await incomingImages(
    slack,
    event.team,
    files.map((file) => (typeof file === "string" ? { id: file } : { name: file.name, url_private: file.url })),
  );
  if (message === undefined) return { job: undefined, images };
  const caller = callerOf(event, { team: event.team, user: event.user, private: true });
  const view = await slack.context.usecases.jobOfMessage(message, caller);
  if (!view) throw new Refusal("job-has-no-images", {});
  return { job: meantBy(view), images };
}
