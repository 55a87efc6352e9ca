import type { MessageShortcut } from "@slack/bolt";
import { textFor } from "../../../text/text.ts";
import type { Asked } from "../asked.ts";
import type { Parts } from "../context.ts";
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
export async function onCreate(parts: Parts, asked: Asked): Promise<void> {
  const command = commandNamed(parts.context, "imagine");
  if (command) await openForm(parts, command, { command: command.name }, asked);
}

/** "Edit image" on a message: of ours, where the job is looked up once the form is sent, or with a member's files. */
export async function onEditMessage(parts: Parts, body: MessageShortcut, asked: Asked): Promise<void> {
  const command = commandNamed(parts.context, "edit");
  if (!command) return;
  const pointed = body.message as MessageShortcut["message"] & Pointed;
  const files = (pointed.files ?? []).filter(isImage).flatMap(({ id }) => id ?? []);
  const { api_app_id } = body as MessageShortcut & { readonly api_app_id?: string };
  const author = pointed.app_id ?? pointed.bot_profile?.app_id;
  const ours = author !== undefined && author === api_app_id;
  if (files.length === 0 && !ours) {
    const text = textFor(asked.locale);
    return tellAlone(parts, asked, text.refusal(text.slack.noImageThere));
  }
  const { channel, thread } = asked;
  const spot = { channel: body.channel.id, ts: body.message.ts };
  const what = files.length > 0 ? { files: files.slice(0, filesLimit) } : { message: messageKey(asked.team, spot) };
  await openForm(parts, command, { command: command.name, channel, thread, ...what }, asked);
}
