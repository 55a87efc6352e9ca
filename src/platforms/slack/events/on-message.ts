import { starterIn } from "../../../command/command.ts";
import { isFinal, type JobImage, meantBy } from "../../../contract/usecases.ts";
import { textFor } from "../../../text/text.ts";
import { jobsIn } from "../agent/thread.ts";
import type { SlackContext } from "../context.ts";
import { callerOf, type SlackEvent } from "../event.ts";
import { messageKey, threadKey } from "../keys.ts";
import { attempt, tellAlone } from "../messages/private-answer.ts";
import { agentThread } from "../messages/reply-target.ts";
import type { Emoji } from "./emoji.ts";
import { helpCard } from "./help.ts";
import { incomingImages, type SlackFile } from "./incoming.ts";
import { readLine } from "./line.ts";
import { readableWords } from "./names.ts";
import { hasStarted, runCommand } from "./run.ts";

/** A message to the app. */
export interface Message {
  /** In Slack's markup. */
  readonly text: string;
  /** The app's own user there. */
  readonly app: string | undefined;
  readonly ts: string;
  readonly files: readonly SlackFile[];
  readonly emoji: Emoji;
  /** It is a later wording. */
  readonly changed: boolean;
}

/** To an agent, each message outside of a thread begins one. */
export async function onMessage(slack: SlackContext, message: Message, event: SlackEvent): Promise<void> {
  const { channel, thread = message.ts } = event;
  const session = event.thread === undefined ? agentThread({ ...event, channel, thread }) : undefined;
  const begins = session !== undefined && (await slack.sessions.open(session, message.text));
  if (!begins) return answer(slack, message, event);
  const there = { ...event, thread };
  await attempt(
    slack,
    () => there,
    () => answer(slack, message, there),
  );
}

/** Words below a result, or beside files, change those images; other words are a prompt. */
async function answer(slack: SlackContext, message: Message, event: SlackEvent): Promise<void> {
  const { commands } = slack.context;
  const [imagine, edit] = [starterIn(commands, "from-words"), starterIn(commands, "from-images")];
  if (!imagine || !edit) return;
  const text = textFor(event.locale);
  if (message.changed && (await hasStarted(slack, event))) {
    return tellAlone(slack, event, text.refusal(text.slack.alreadyStarted));
  }
  const {
    line,
    named,
    names: plainWords,
  } = await readableWords(slack, event, message.text, message.app, message.emoji);
  if (/^(help|\?)$/i.test(line)) {
    return tellAlone(slack, event, helpCard(imagine, commands, text, event.admin));
  }
  if (line === "") return tellAlone(slack, event, text.refusal(text.slack.mentionHelp));
  const job = event.thread === message.ts ? undefined : await jobAbove(slack, event);
  if (job === "being drawn") return tellAlone(slack, event, text.refusal(text.slack.agent.beingDrawn));
  const images = await incomingImages(slack, event.team, message.files);
  const command = job || images.length > 0 ? edit : imagine;
  const read = readLine(line, command.fields, event.team);
  const answers = { ...named(read.answers), images, ...(job ? { job } : {}) };
  const asWritten = read.asWritten && named(read.asWritten);
  await runCommand(slack, command, answers, event, { asWritten, plainWords });
}

/** Finds the last job in the thread, else the result at its head, else the first in it; as far as the member may see. */
async function jobAbove(slack: SlackContext, event: SlackEvent): Promise<JobImage | "being drawn" | undefined> {
  const { team, user, channel, thread } = event;
  if (channel === undefined || thread === undefined) return undefined;
  const { usecases, cache } = slack.context;
  const session = agentThread(event);
  const own = session ? await jobsIn(slack, session) : [];
  const latest = own.find(({ images }) => images.length > 0);
  if (latest) return meantBy(latest);
  const caller = callerOf(event, { team, user, private: true });
  const noted = await cache.get<string>(threadKey(team, channel, thread));
  const last = noted === undefined ? undefined : await usecases.job(noted, caller).catch(() => undefined);
  const job =
    (last && last.images.length > 0 ? last : undefined) ??
    (await usecases.jobOfMessage(messageKey(team, { channel, ts: thread }), caller)) ??
    (await usecases.jobOfMessage(threadKey(team, channel, thread), caller));
  if (!job && session && own.some(({ state }) => !isFinal(state)) && (await slack.sessions.open(session, ""))) {
    return "being drawn";
  }
  return job && meantBy(job);
}
