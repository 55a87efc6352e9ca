import type { types } from "@slack/bolt";
import type { Reply } from "../../../command/reply.ts";
import type { BatchPlace, BatchView, JobView } from "../../../contract/usecases.ts";
import type { CardButton } from "../../../text/card.ts";
import { type Text, textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { fileKey, readFileKey, readMessageKey } from "../keys.ts";
import { batchContent } from "./batch-content.ts";
import { above, buttonRow, type Content, cardContent, escaped, headline, note } from "./blocks.ts";
import { uploadParts } from "./deliver-batch.ts";
import { showDescribed } from "./described.ts";
import { erase, send } from "./post.ts";
import { tellAlone, tellContent } from "./private-answer.ts";
import { isDirect } from "./reply-target.ts";
import { button, removeButton, resultContent } from "./result.ts";
import { sendData } from "./send-data.ts";
import { uploadAll, uploadImage } from "./upload.ts";

/** Shows an answer to the member alone. */
export async function showReply(
  slack: SlackContext,
  event: SlackEvent,
  reply: Exclude<Reply, { kind: "job" }>,
): Promise<void> {
  const text = textFor(event.locale);
  switch (reply.kind) {
    case "described":
      return showDescribed(slack, event, reply);
    case "card":
      return tellAlone(slack, event, reply.card);
    case "batch":
      return showBatch(slack, event, reply.batch, text);
    case "history":
      return tellContent(slack, event, historyContent(reply.card, reply.jobs, text));
    case "images":
      return showImages(slack, event, reply.job, text);
    case "picture":
      return showPicture(slack, event, reply);
    case "data":
      return sendData(slack, event, reply);
    case "removed":
      await removeMessages(slack, event.team, reply.messages);
      return tellAlone(slack, event, reply.card);
  }
}

/** A list of jobs, each with what can be done with it. */
function historyContent(card: Extract<Reply, { kind: "history" }>["card"], jobs: readonly JobView[], text: Text) {
  const { buttons = [], rows: _rows, table: _table, ...head } = card;
  const top = cardContent(head);
  return {
    text: top.text,
    blocks: [...top.blocks, ...jobs.flatMap((job) => jobBlocks(job, text)), ...buttonRow(buttons)],
  };
}

export function jobBlocks(job: JobView, text: Text): types.KnownBlock[] {
  if (job.batch) return batchBlocks(job, job.batch, text);
  const made = job.images.length > 0;
  const plain: CardButton[] = made
    ? [button(job, "show", text.buttons.show), button(job, "edit", text.buttons.edit)]
    : [];
  return [
    headline(job.memberName, job.request.prompt),
    note(escaped(made ? text.result.facts(job) : text.job(job).title)),
    ...buttonRow([...plain, button(job, "again", text.buttons.again), removeButton(job, text)], text),
  ];
}

/** The first part stands for its batch. */
function batchBlocks(job: JobView, batch: BatchPlace, text: Text): types.KnownBlock[] {
  const { buttons, batches } = text;
  return [
    headline(job.memberName, batch.written),
    note(escaped(batches.past(job, batch))),
    ...buttonRow([button(job, "show", buttons.show), button(job, "batch-again", batches.againAll)], text),
  ];
}

/** A message for one member alone cannot show files: these come in the conversation with the app. */
async function showImages(slack: SlackContext, event: SlackEvent, job: JobView, text: Text): Promise<void> {
  const { team } = event;
  await sendDirectly(slack, event, resultContent(job, await uploadAll(slack, team, job), text), text);
}

async function showPicture(
  slack: SlackContext,
  event: SlackEvent,
  { card, image, alt }: Extract<Reply, { kind: "picture" }>,
): Promise<void> {
  const { id } = await uploadImage(slack, event.team, image, { name: `saved-${image.sha256}`, alt });
  const content = above({ type: "image", slack_file: { id }, alt_text: alt }, cardContent(card));
  await sendDirectly(slack, event, content, textFor(event.locale));
}

async function sendDirectly(slack: SlackContext, event: SlackEvent, content: Content, text: Text): Promise<void> {
  const { team, user, channel } = event;
  if (channel !== undefined && isDirect(channel)) return void (await send(slack, team, channel, event.thread, content));
  await send(slack, team, user, undefined, content);
  if (channel === undefined) return;
  await tellAlone(slack, event, { title: text.slack.sentDirectly, tone: "good", paragraphs: [] });
}

async function showBatch(slack: SlackContext, event: SlackEvent, view: BatchView, text: Text): Promise<void> {
  await sendDirectly(slack, event, batchContent(view, await uploadParts(slack, event.team, view, text), text), text);
}

/** Deletes messages of the app in a workspace, and files that it gave to workflows, by their keys. Never throws. */
export async function removeMessages(slack: SlackContext, team: string, messages: readonly string[]): Promise<void> {
  for (const key of messages) {
    const file = readFileKey(key);
    if (file !== undefined && key === fileKey(team, file)) await removeFile(slack, team, file);
    const message = readMessageKey(key);
    if (message?.team !== team) continue;
    await erase(slack, team, message.spot).catch((err: unknown) =>
      slack.context.log.warn({ message: key, err }, "Slack did not delete a message"),
    );
  }
}

async function removeFile({ workspaces, context }: SlackContext, team: string, file: string): Promise<void> {
  await workspaces
    .call(team, { method: "files.delete" }, (client) => client.files.delete({ file }))
    .catch((err: unknown) => context.log.warn({ file, err }, "Slack did not delete a file"));
}
