import type { BlockAction } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import { type Asked, callerOf } from "../asked.ts";
import type { Parts } from "../context.ts";
import { isAnswer, type Press } from "../showing/buttons.ts";
import { readPlace } from "../showing/place.ts";
import { erase } from "../showing/post.ts";
import { commandNamed, hasField } from "./lookup.ts";
import { openForm } from "./open-form.ts";
import { followThere, runCommand } from "./run.ts";

/** A button runs its command, or opens the form when there is more to say than which image. */
export async function onPress(parts: Parts, press: Press, body: BlockAction, asked: Asked): Promise<void> {
  const command = commandNamed(parts.context, press.command);
  if (!command) return;
  const job = press.job === undefined ? undefined : { job: press.job, index: press.image };
  if (needsForm(command, press)) {
    const { channel, thread } = asked;
    return openForm(parts, command, { command: command.name, job, channel, thread }, asked);
  }
  await runCommand(parts, command, { job }, asked);
  if (isAnswer(press)) await takeQuestionAway(parts, body, asked);
  if (command.name === "cancel" && press.job !== undefined) await showCancelled(parts, press.job, asked);
}

/** Is this one of the buttons on which a form opens? */
export function pressOpensForm({ context }: Parts, press: Press): boolean {
  const command = commandNamed(context, press.command);
  return command !== undefined && needsForm(command, press);
}

/** More must be said than which image; what may be left out is asked for only where a button means just that. */
function needsForm(command: AnyCommand, { job }: Press): boolean {
  const more = ({ kind, required }: Field) => kind !== "job" && (required || (job === undefined && kind !== "text"));
  return hasField(command, more);
}

/** What was asked is answered; a refusal leaves it there, to be answered later. */
async function takeQuestionAway(parts: Parts, { container }: BlockAction, asked: Asked): Promise<void> {
  const { respond, inbound, team, channel } = asked;
  const spot = channel !== undefined && { channel, ts: container.message_ts };
  try {
    if (container.is_ephemeral) await respond?.({ delete_original: true });
    else if (spot) await erase(parts, team, spot);
  } catch (err) {
    parts.context.log.info({ inbound, err }, "Slack did not take a question away");
  }
}

/** Nobody may be following that job since a restart: its waiting message now shows what the button changed. */
async function showCancelled(parts: Parts, id: string, asked: Asked): Promise<void> {
  const { team, user } = asked;
  const job = await parts.context.usecases.job(id, callerOf(asked, { team, user, private: true }));
  const place = job.place === undefined ? undefined : readPlace(job.place);
  if (place?.waiting) followThere(parts, id, place, place.waiting, job.locale);
}
