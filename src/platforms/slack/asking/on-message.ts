import type { JobImage } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { type Asked, callerOf } from "../asked.ts";
import type { Parts } from "../context.ts";
import { messageKey, threadKey } from "../keys.ts";
import { unescaped } from "../showing/blocks.ts";
import { tellAlone } from "../showing/tell.ts";
import { helpCard } from "./help.ts";
import { incomingImages, type SlackFile } from "./incoming.ts";
import { readLine } from "./line.ts";
import { commandNamed } from "./lookup.ts";
import { runCommand } from "./run.ts";

/** What a member wrote to the app, without its name. */
export interface Message {
  readonly words: string;
  readonly files: readonly SlackFile[];
}

/** Words below a result, or beside files, change those images; other words are a prompt. */
export async function onMessage(parts: Parts, { words, files }: Message, asked: Asked): Promise<void> {
  const [imagine, edit] = [commandNamed(parts.context, "imagine"), commandNamed(parts.context, "edit")];
  if (!imagine || !edit) return;
  const text = textFor(asked.locale);
  if (/^(help|\?)$/i.test(words)) {
    return tellAlone(parts, asked, helpCard(imagine, parts.context.commands, text, asked.admin));
  }
  if (words === "") return tellAlone(parts, asked, text.refusal(text.slack.mentionHelp));
  const job = await jobAbove(parts, asked);
  const images = await incomingImages(parts, asked.team, files);
  const command = job || images.length > 0 ? edit : imagine;
  const answers = { ...readLine(words, command.fields, asked.team), images, ...(job ? { job } : {}) };
  await runCommand(parts, command, answers, asked);
}

/** What was asked for last in the thread, else the result at its head, else the first in it; as far as the member may see. */
async function jobAbove({ context }: Parts, asked: Asked): Promise<JobImage | undefined> {
  const { team, user, channel, thread } = asked;
  if (channel === undefined || thread === undefined) return undefined;
  const { usecases, cache } = context;
  const caller = callerOf(asked, { team, user, private: true });
  const noted = await cache.get<string>(threadKey(team, channel, thread));
  const last = noted === undefined ? undefined : await usecases.job(noted, caller).catch(() => undefined);
  const job =
    (last && last.images.length > 0 ? last : undefined) ??
    (await usecases.jobOfMessage(messageKey(team, { channel, ts: thread }), caller)) ??
    (await usecases.jobOfMessage(threadKey(team, channel, thread), caller));
  return job && { job: job.id };
}

/** Slack's markup as it was typed: names of links and channels, and not the app's own name. */
export function plainWords(text: string, app: string | undefined): string {
  const unmarked = text
    .replaceAll(/<@(\w+)(?:\|[^>]*)?>/g, (mention, user) => (user === app || app === undefined ? " " : mention))
    .replaceAll(/<(?:https?|mailto):[^|>]*\|([^>]*)>/g, "$1")
    .replaceAll(/<((?:https?|mailto):[^>]*)>/g, "$1")
    .replaceAll(/<#\w+\|([^>]+)>/g, "#$1");
  return unescaped(unmarked)
    .replaceAll(/[^\S\n]+/g, " ")
    .trim();
}
