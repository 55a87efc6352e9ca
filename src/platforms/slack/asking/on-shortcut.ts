import type { MessageShortcut } from "@slack/bolt";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { messageKey } from "../keys.ts";
import { tellAlone } from "../showing/tell.ts";
import { isImage, type SlackFile } from "./incoming.ts";
import { commandNamed } from "./lookup.ts";
import { openForm } from "./open-form.ts";

const filesLimit = 10;

/** Slack tells more of a message than the library's types. */
interface Pointed {
  readonly files?: readonly SlackFile[];
  readonly app_id?: string;
  readonly bot_profile?: { readonly app_id?: string };
}

/** "Create image", from anywhere. */
export async function onCreate(slack: SlackContext, event: SlackEvent): Promise<void> {
  const command = commandNamed(slack.context, "imagine");
  if (command) await openForm(slack, command, { command: command.name }, event);
}

/** "Edit image" on a message: of ours, where the job is looked up once the form is sent, or with a member's files. */
export async function onEditMessage(slack: SlackContext, body: MessageShortcut, event: SlackEvent): Promise<void> {
  const command = commandNamed(slack.context, "edit");
  if (!command) return;
  const pointed = body.message as MessageShortcut["message"] & Pointed;
  const files = (pointed.files ?? []).filter(isImage).flatMap(({ id }) => id ?? []);
  const { api_app_id } = body as MessageShortcut & { readonly api_app_id?: string };
  const author = pointed.app_id ?? pointed.bot_profile?.app_id;
  const ours = author !== undefined && author === api_app_id;
  if (files.length === 0 && !ours) {
    const text = textFor(event.locale);
    return tellAlone(slack, event, text.refusal(text.slack.noImageThere));
  }
  const { channel, thread } = event;
  const spot = { channel: body.channel.id, ts: body.message.ts };
  const what = files.length > 0 ? { files: files.slice(0, filesLimit) } : { message: messageKey(event.team, spot) };
  await openForm(slack, command, { command: command.name, channel, thread, ...what }, event);
}
