import type { BlockAction, RespondFn, ViewOutput, ViewSubmitAction } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import { Refusal } from "../../../errors.ts";
import { type Asked, callerOf } from "../asked.ts";
import type { Parts } from "../context.ts";
import { askedByForm } from "./asked.ts";
import { readForm, whereIn } from "./form.ts";
import { incomingImage, incomingImages } from "./incoming.ts";
import { commandNamed } from "./lookup.ts";
import { type FormMemory, isPriced } from "./modal.ts";
import { consider } from "./precheck.ts";
import { runCommand } from "./run.ts";

/** A form as it was sent, or as it stands. */
export interface Filled {
  readonly command: AnyCommand;
  readonly memory: FormMemory;
  readonly answers: Record<string, unknown>;
}

/** Undefined when its command is no more. */
export async function readView(parts: Parts, view: ViewOutput, team: string): Promise<Filled | undefined> {
  const memory: FormMemory = JSON.parse(view.private_metadata);
  const command = commandNamed(parts.context, memory.command);
  if (!command) return undefined;
  const token = await parts.workspaces.token(team);
  const answers = readForm(command.fields, view.state.values, {
    team,
    job: memory.job,
    incoming: (file) => incomingImage(token, parts.options.apiUrl, file),
  });
  return { command, memory, answers };
}

export function askedBySubmission(parts: Parts, body: ViewSubmitAction, respond: RespondFn | undefined): Asked {
  const memory: FormMemory = JSON.parse(body.view.private_metadata);
  return askedByForm(body, whereIn(memory, body.view.state.values), respond, parts.options.locale);
}

/** Runs what the form says, over the images of the message that it was opened on. */
export async function onForm(parts: Parts, { command, memory, answers }: Filled, asked: Asked): Promise<void> {
  const { job, images } = await sourceOf(parts, memory, asked);
  const all = [...images, ...((answers.images as readonly unknown[] | undefined) ?? [])];
  const agreed = isPriced(command); // its form shows the price
  await runCommand(parts, command, { ...answers, job: answers.job ?? job, images: all }, asked, agreed);
}

/** Shows what the form would cost as it stands now. */
export async function onChoice(parts: Parts, body: BlockAction, asked: Asked): Promise<void> {
  if (!body.view) return;
  const filled = await readView(parts, body.view, asked.team);
  if (!filled) return;
  const { command, memory, answers } = filled;
  const considered = consider(answers, memory);
  if (!considered) return;
  const { id, hash } = body.view;
  void parts.prices.show(parts, { id, hash, memory }, command, considered, asked);
}

/** Throws Refusal `job-has-no-images` when the form was opened on a message that has none. */
async function sourceOf(parts: Parts, { message, files = [] }: FormMemory, asked: Asked) {
  const images = await incomingImages(
    parts,
    asked.team,
    files.map((id) => ({ id })),
  );
  if (message === undefined) return { job: undefined, images };
  const caller = callerOf(asked, { team: asked.team, user: asked.user, private: true });
  const view = await parts.context.usecases.jobOfMessage(message, caller);
  if (!view) throw new Refusal("job-has-no-images", {});
  return { job: { job: view.id }, images };
}
