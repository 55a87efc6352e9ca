import type { MessageShortcut } from "@slack/bolt";
import { type AnyCommand, painterIn, saverIn, starterIn } from "../../../command/command.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { messageKey } from "../keys.ts";
import { tellAlone } from "../messages/private-answer.ts";
import { isClosed, mayBeImage, nameOf, refuseClosed, type SlackFile } from "./incoming.ts";
import { filesIn, type MessageParts } from "./message-images.ts";
import type { FormMemory } from "./modal.ts";
import { sourceOf } from "./on-form.ts";
import { openForm } from "./open-form.ts";
import { runCommand } from "./run.ts";

/** Slack's limit for what a form remembers is 3,000 characters; the rest of it is short. */
const memoryLimit = 2400;

/** Slack tells more of a message than the library's types. */
interface Pointed extends MessageParts {
  readonly app_id?: string;
  readonly bot_id?: string;
  readonly bot_profile?: { readonly app_id?: string };
}

/** "Create image", from anywhere. */
export async function onCreate(slack: SlackContext, event: SlackEvent): Promise<void> {
  const command = starterIn(slack.context.commands, "from-words");
  if (command) await openForm(slack, command, { command: command.name }, event);
}

/** "Edit image" on a message: of ours, where the job is looked up once the form is sent, or with a member's files. */
export async function onEditMessage(slack: SlackContext, body: MessageShortcut, event: SlackEvent): Promise<void> {
  const { noImageThere } = textFor(event.locale).slack;
  await onMessageWithImages(slack, starterIn(slack.context.commands, "from-images"), body, { event, noImageThere });
}

/** "Save image as…" on a message, in the same way. */
export async function onSaveMessage(slack: SlackContext, body: MessageShortcut, event: SlackEvent): Promise<void> {
  const { noImageToSave: noImageThere } = textFor(event.locale).slack;
  await onMessageWithImages(slack, saverIn(slack.context.commands), body, { event, noImageThere });
}

/** "Paint over image" on a message: there is nothing to ask first. */
export async function onPaintMessage(slack: SlackContext, body: MessageShortcut, event: SlackEvent): Promise<void> {
  const command = painterIn(slack.context.commands);
  const text = textFor(event.locale);
  const what = shownIn(body, event);
  if (!command || !what)
    return tellAlone(slack, event, text.refusal(command ? text.slack.noImageThere : text.refusals["no-pages"]({})));
  const { job, images } = await sourceOf(slack, { command: command.name, ...what }, event);
  await runCommand(slack, command, { job, images }, event);
}

async function onMessageWithImages(
  slack: SlackContext,
  command: AnyCommand | undefined,
  body: MessageShortcut,
  { event, noImageThere }: { readonly event: SlackEvent; readonly noImageThere: string },
): Promise<void> {
  if (!command) return;
  const { channel, thread } = event;
  const what = shownIn(body, event);
  if (!what) return tellAlone(slack, event, textFor(event.locale).refusal(noImageThere));
  await openForm(slack, command, { command: command.name, channel, thread, ...what }, event);
}

/** The message itself when it is ours, else the images in it; undefined when there are none. Throws as `imagesOf`. */
function shownIn(
  body: MessageShortcut,
  { team, channel }: SlackEvent,
): Pick<FormMemory, "message" | "files" | "leftOut" | "closed"> | undefined {
  const { message, message_ts, api_app_id } = body as Partial<MessageShortcut> & { readonly api_app_id?: string };
  const pointed = (message ?? {}) as object as Pointed;
  const ts = message?.ts ?? message_ts;
  const own = channel === undefined || ts === undefined ? undefined : { message: messageKey(team, { channel, ts }) };
  const author = pointed.app_id ?? pointed.bot_profile?.app_id;
  const isOurs = author !== undefined && author === api_app_id;
  if (own && isOurs && (pointed.files ?? []).length === 0) return own;
  const isUnknown = !message || (pointed.bot_id !== undefined && (author === undefined || api_app_id === undefined));
  return imagesOf(pointed) ?? (isUnknown ? own : undefined);
}

/**
 * Chooses the files that Slack calls images, with the names of the others; when it calls none so, all of them, to be judged
 * by their content. Undefined when there are no files. Throws Refusal `image-unavailable` when none of them can be opened,
 * and `too-many-references`.
 */
function imagesOf(message: Pointed): Pick<FormMemory, "files" | "leftOut" | "closed"> | undefined {
  const all = filesIn(message);
  if (all.length === 0) return undefined;
  const likely = all.filter(mayBeImage);
  const images = likely.length > 0 ? likely : all;
  const chosen = images.filter((file) => !isClosed(file));
  if (chosen.length === 0) for (const file of images) refuseClosed(file);
  const files = chosen.map((file) => file.id ?? { name: nameOf(file), url: file.url_private ?? "" });
  const fitting = files.findIndex((_, index) => JSON.stringify(files.slice(0, index + 1)).length > memoryLimit);
  if (fitting >= 0) throw new Refusal("too-many-references", { count: files.length, max: fitting });
  const leftOut = namesOf(all.filter((file) => !images.includes(file)));
  const closed = namesOf(images.filter(isClosed));
  return { files, ...(leftOut.length > 0 ? { leftOut } : {}), ...(closed.length > 0 ? { closed } : {}) };
}

/** So many as the form can remember. */
function namesOf(files: readonly SlackFile[]): string[] {
  return files.slice(0, 3).map((file) => clip(nameOf(file), 60));
}
