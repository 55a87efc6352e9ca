import { rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reply } from "../../../command/reply.ts";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { cardContent } from "./blocks.ts";
import { send } from "./post.ts";
import { tellAlone } from "./private-answer.ts";
import type { Spot } from "./reply-target.ts";
import { complete, fileFacts, sendFile, until } from "./upload.ts";

type Data = Extract<Reply, { kind: "data" }>;

/** Everything that is kept about a member, as files below a direct message. */
export async function sendData(slack: SlackContext, event: SlackEvent, { card, data }: Data): Promise<void> {
  const { team, user, channel } = event;
  const text = textFor(event.locale);
  const there = await send(slack, team, user, undefined, cardContent(card));
  const notice = { title: text.slack.sentDirectly, tone: "good", paragraphs: [] } as const;
  if (channel !== undefined && channel !== there.channel) await tellAlone(slack, event, notice);
  const reply = async (sentence: string) => {
    await send(slack, team, there.channel, there.ts, cardContent(text.refusal(sentence)));
  };
  if (!(await shareDocument(slack, team, there, data.document))) return reply(text.slack.dataLost);
  const leftOut: string[] = [];
  for (const { name, path, bytes } of data.images) {
    const shared = await share(slack, team, there, { path, filename: name, bytes }).catch((err: unknown) => {
      slack.context.log.warn({ err }, "Slack did not take a file");
      return false;
    });
    if (!shared) leftOut.push(name);
  }
  if (leftOut.length > 0) await reply(text.slack.dataLeftOut(leftOut.join(", ")));
}

async function shareDocument(
  slack: SlackContext,
  team: string,
  there: Spot,
  document: readonly string[],
): Promise<boolean> {
  const path = join(tmpdir(), `atelier-${slack.context.world.secret(16)}.json`);
  await writeFile(path, document, { mode: 0o600 });
  try {
    return await share(slack, team, there, { path, filename: "atelier.json", bytes: (await stat(path)).size });
  } finally {
    await rm(path, { force: true });
  }
}

/** Slack shares a file some time after it has said so, or never (centaur#311): false then. */
async function share(
  slack: SlackContext,
  team: string,
  { channel, ts }: Spot,
  file: { path: string; filename: string; bytes: number },
): Promise<boolean> {
  const id = await sendFile(slack, team, file);
  for (const _ of [1, 2]) {
    await complete(slack, team, { id, title: file.filename }, { channel_id: channel, thread_ts: ts });
    if (await until(slack, async () => isShared(await fileFacts(slack, team, id)))) return true;
  }
  return false;
}

function isShared(facts: Awaited<ReturnType<typeof fileFacts>>): boolean {
  const { private: inPrivate = {}, public: inPublic = {} } = facts?.shares ?? {};
  return Object.keys(inPrivate).length + Object.keys(inPublic).length > 0;
}
