import type { types } from "@slack/bolt";
import type { Reply } from "../../../command/reply.ts";
import type { JobView } from "../../../contract/usecases.ts";
import type { CardButton } from "../../../text/card.ts";
import { type Text, textFor } from "../../../text/text.ts";
import type { Asked } from "../asked.ts";
import type { Parts } from "../context.ts";
import { readMessageKey } from "../keys.ts";
import { buttonRow, type Content, cardContent, escaped, headline, note } from "./blocks.ts";
import { isDirect } from "./place.ts";
import { erase, send } from "./post.ts";
import { button, resultContent } from "./result.ts";
import { sendData } from "./send-data.ts";
import { tellAlone, tellContent } from "./tell.ts";
import { uploadAll } from "./upload.ts";

/** Shows an answer to the member alone. */
export async function showReply(parts: Parts, asked: Asked, reply: Exclude<Reply, { kind: "job" }>): Promise<void> {
  const text = textFor(asked.locale);
  switch (reply.kind) {
    case "card":
      return tellAlone(parts, asked, reply.card);
    case "history":
      return tellContent(parts, asked, historyContent(reply.card, reply.jobs, text));
    case "images":
      return showImages(parts, asked, reply.job, text);
    case "data":
      return sendData(parts, asked, reply);
    case "removed":
      await removeMessages(parts, asked, reply.messages);
      return tellAlone(parts, asked, reply.card);
  }
}

/** A list of jobs, each with what can be done with it. */
function historyContent(card: Extract<Reply, { kind: "history" }>["card"], jobs: readonly JobView[], text: Text) {
  const { buttons = [], rows: _, ...head } = card;
  const top = cardContent(head);
  return {
    text: top.text,
    blocks: [...top.blocks, ...jobs.flatMap((job) => jobBlocks(job, text)), ...buttonRow(buttons)],
  };
}

export function jobBlocks(job: JobView, text: Text): types.KnownBlock[] {
  const made = job.images.length > 0;
  const plain: CardButton[] = made
    ? [button(job, "show", text.buttons.show), button(job, "edit", text.buttons.edit)]
    : [];
  return [
    headline(job.memberName, job.request.prompt),
    note(escaped(made ? text.result.facts(job) : text.job(job).title)),
    ...buttonRow(
      [
        ...plain,
        button(job, "again", text.buttons.again),
        { ...button(job, "remove", text.buttons.delete), style: "danger" },
      ],
      text,
    ),
  ];
}

/** A message for one member alone cannot show files: these come in the conversation with the app. */
async function showImages(parts: Parts, asked: Asked, job: JobView, text: Text): Promise<void> {
  const { team, user, channel } = asked;
  const content: Content = resultContent(job, await uploadAll(parts, team, job), text);
  if (channel !== undefined && isDirect(channel)) return void (await send(parts, team, channel, asked.thread, content));
  await send(parts, team, user, undefined, content);
  if (channel === undefined) return;
  await tellAlone(parts, asked, { title: text.slack.sentDirectly, tone: "good", paragraphs: [] });
}

async function removeMessages(parts: Parts, { team }: Asked, messages: readonly string[]): Promise<void> {
  for (const key of messages) {
    const message = readMessageKey(key);
    if (message?.team !== team) continue;
    await erase(parts, team, message.spot).catch((err: unknown) =>
      parts.context.log.warn({ message: key, err }, "Slack did not delete a message"),
    );
  }
}
