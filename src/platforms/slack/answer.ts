import type { BlockAction, RespondFn, ViewSubmitAction } from "@slack/bolt";
import type { AnyCommand } from "../../command/command.ts";
import type { Field, Fields } from "../../command/fields.ts";
import { textFor } from "../../text/text.ts";
import type { Press } from "./buttons.ts";
import { type Asked, askedByForm } from "./event.ts";
import { readForm, whereIn } from "./form.ts";
import { helpCard } from "./help.ts";
import { incomingImage } from "./incoming.ts";
import { readLine } from "./line.ts";
import { type FormMemory, renderModal } from "./modal.ts";
import type { Parts } from "./parts.ts";
import { followThere, runCommand } from "./run.ts";
import { tellAlone } from "./tell.ts";

export function commandNamed({ context }: Parts, name: string): AnyCommand | undefined {
  return context.commands.find((command) => command.name === name);
}

/** `/imagine a red bicycle` runs, `/imagine help` explains, `/imagine` alone opens the form when there is one to fill in. */
export async function onLine(parts: Parts, command: AnyCommand, line: string, asked: Asked): Promise<void> {
  if (line.toLowerCase() === "help") {
    return tellAlone(parts, asked, helpCard(command, parts.context.commands, textFor(asked.locale)));
  }
  if (line === "" && needs(command, ({ required }) => required)) {
    return openForm(parts, command, { command: command.name }, asked);
  }
  await runCommand(parts, command, readLine(line, command.fields, asked.team), asked);
}

/** A button runs its command, or opens the form when there is more to say than which image. */
export async function onPress(parts: Parts, press: Press, body: BlockAction, asked: Asked): Promise<void> {
  const command = commandNamed(parts, press.command);
  if (!command) return;
  const job = { job: press.job, ...(press.image === undefined ? {} : { index: press.image }) };
  if (needs(command, ({ kind }) => kind !== "job")) {
    const { channel, thread } = asked;
    return openForm(parts, command, { command: command.name, job, channel, thread }, asked);
  }
  const reply = await runCommand(parts, command, { job }, asked);
  if (reply.kind !== "card" || !body.message || asked.channel === undefined) return;
  // nobody may be following that job since a restart: its message now shows what the button changed
  const place = { team: asked.team, user: asked.user, channel: asked.channel, private: false };
  followThere(parts, press.job, place, { channel: asked.channel, ts: body.message.ts }, asked.locale);
}

export async function openForm(parts: Parts, command: AnyCommand, memory: FormMemory, asked: Asked): Promise<void> {
  await parts.client.views.open({ trigger_id: asked.trigger, view: renderModal(command, memory, asked.locale) });
}

/** A form as it was sent. */
export interface Sent {
  readonly command: AnyCommand;
  readonly answers: Record<string, unknown>;
  readonly asked: Asked;
}

/** Undefined when its command is no more. */
export function readSent(parts: Parts, body: ViewSubmitAction, respond: RespondFn | undefined): Sent | undefined {
  const { private_metadata, state } = body.view;
  const memory: FormMemory = JSON.parse(private_metadata);
  const command = commandNamed(parts, memory.command);
  if (!command) return undefined;
  const asked = askedByForm(body, whereIn(memory, state.values), respond, parts.options.locale);
  const answers = readForm(command.fields, state.values, {
    team: asked.team,
    job: memory.job,
    incoming: (file) => incomingImage(parts.options, file),
  });
  return { command, answers, asked };
}

function needs(command: AnyCommand, what: (field: Field) => boolean): boolean {
  const fields: Fields = command.fields;
  return Object.values(fields).some(what);
}
