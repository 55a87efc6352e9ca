import type { BlockAction } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import type { Press } from "../messages/buttons.ts";
import { erase } from "../messages/post.ts";
import { readReplyTarget } from "../messages/reply-target.ts";
import { commandNamed, hasField } from "./lookup.ts";
import { openForm } from "./open-form.ts";
import { followIn, runCommand } from "./run.ts";

/** A button runs its command, or opens the form when there is more to say than which image. */
export async function onPress(slack: SlackContext, press: Press, body: BlockAction, event: SlackEvent): Promise<void> {
  const command = commandNamed(slack.context, press.command);
  if (!command) return;
  const job = press.job === undefined ? undefined : { job: press.job, index: press.image };
  if (needsForm(command, press)) {
    const { channel, thread } = event;
    return openForm(slack, command, { command: command.name, job, channel, thread }, event);
  }
  await runCommand(slack, command, { job }, event);
  if (command.answersConfirmation) await removeConfirmation(slack, body, event);
  if (command.stopsJob && press.job !== undefined) await showCancelled(slack, press.job, event);
}

/** Is this one of the buttons on which a form opens? */
export function pressOpensForm({ context }: SlackContext, press: Press): boolean {
  const command = commandNamed(context, press.command);
  return command !== undefined && needsForm(command, press);
}

/** More must be said than which image; what may be left out is asked for only where a button means just that. */
function needsForm(command: AnyCommand, { job }: Press): boolean {
  const more = ({ kind, required }: Field) => kind !== "job" && (required || (job === undefined && kind !== "text"));
  return hasField(command, more);
}

/** The question is answered; a refusal leaves it there, to be answered later. */
async function removeConfirmation(slack: SlackContext, { container }: BlockAction, event: SlackEvent): Promise<void> {
  const { respond, inbound, team, channel } = event;
  const spot = channel !== undefined && { channel, ts: container.message_ts };
  try {
    if (container.is_ephemeral) await respond?.({ delete_original: true });
    else if (spot) await erase(slack, team, spot);
  } catch (err) {
    slack.context.log.info({ inbound, err }, "Slack did not take a question away");
  }
}

/** Nobody may be following that job since a restart: its waiting message now shows what the button changed. */
export async function showCancelled(slack: SlackContext, id: string, event: SlackEvent): Promise<void> {
  const { team, user } = event;
  const job = await slack.context.usecases.job(id, callerOf(event, { team, user, private: true }));
  const target = job.replyTarget === undefined ? undefined : readReplyTarget(job.replyTarget);
  if (target?.waiting) followIn(slack, id, target, target.waiting, job.locale);
}
