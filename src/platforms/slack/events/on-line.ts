import { type AnyCommand, starterIn } from "../../../command/command.ts";
import { textFor } from "../../../text/text.ts";
import type { SlackContext } from "../context.ts";
import type { SlackEvent } from "../event.ts";
import { tellAlone } from "../messages/private-answer.ts";
import { groupCard, helpCard } from "./help.ts";
import { readLine } from "./line.ts";
import { hasField } from "./lookup.ts";
import { readableWords } from "./names.ts";
import { openForm } from "./open-form.ts";
import { runCommand } from "./run.ts";
import { namesPeople, readSlash } from "./slash.ts";

/** `/imagine a red bicycle` runs, `/imagine help` explains, `/imagine` alone opens the form when there is one to fill in. */
export async function onLine(slack: SlackContext, slash: string, typed: string, event: SlackEvent): Promise<void> {
  const { commands } = slack.context;
  const text = textFor(event.locale);
  const read = readSlash(commands, slash, typed);
  if (!read) return;
  if ("group" in read) return tellAlone(slack, event, groupCard(read.group, text));
  const { command, line } = read;
  if (/^(help|\?)$/i.test(line)) return tellAlone(slack, event, helpCard(command, commands, text, event.admin));
  const chief = starterIn(commands, "from-words");
  if (command.shows === "commands" && chief)
    return tellAlone(slack, event, helpCard(chief, commands, text, event.admin));
  if (needsForm(command, line)) {
    return openForm(slack, command, { command: command.name }, event);
  }
  if (namesPeople(command))
    return runCommand(slack, command, readLine(line, command.fields, event.team).answers, event);
  const { line: words, named, names: plainWords } = await readableWords(slack, event, line, "");
  const { answers, asWritten } = readLine(words, command.fields, event.team);
  await runCommand(slack, command, named(answers), event, { asWritten: asWritten && named(asWritten), plainWords });
}

/** Is this one of the lines on which a form opens? */
export function lineOpensForm({ context }: SlackContext, slash: string, typed: string): boolean {
  const read = readSlash(context.commands, slash, typed);
  return read !== undefined && "command" in read && needsForm(read.command, read.line);
}

function needsForm(command: AnyCommand, line: string): boolean {
  return line === "" && hasField(command, ({ required }) => required);
}
