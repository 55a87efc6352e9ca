import type { AnyCommand } from "../../../command/command.ts";
import { textFor } from "../../../text/text.ts";
import type { Asked } from "../asked.ts";
import type { Parts } from "../context.ts";
import { tellAlone } from "../showing/tell.ts";
import { groupCard, helpCard } from "./help.ts";
import { readLine } from "./line.ts";
import { commandNamed, hasField } from "./lookup.ts";
import { openForm } from "./open-form.ts";
import { runCommand } from "./run.ts";
import { readSlash } from "./slash.ts";

/** `/imagine a red bicycle` runs, `/imagine help` explains, `/imagine` alone opens the form when there is one to fill in. */
export async function onLine(parts: Parts, slash: string, typed: string, asked: Asked): Promise<void> {
  const { commands } = parts.context;
  const text = textFor(asked.locale);
  const read = readSlash(commands, slash, typed);
  if (!read) return;
  if ("group" in read) return tellAlone(parts, asked, groupCard(read.group, text));
  const { command, line } = read;
  if (/^(help|\?)$/i.test(line)) return tellAlone(parts, asked, helpCard(command, commands, text, asked.admin));
  const chief = commandNamed(parts.context, "imagine");
  if (command.name === "help" && chief) return tellAlone(parts, asked, helpCard(chief, commands, text, asked.admin));
  if (needsForm(command, line)) {
    return openForm(parts, command, { command: command.name }, asked);
  }
  await runCommand(parts, command, readLine(line, command.fields, asked.team), asked);
}

/** Is this one of the lines on which a form opens? */
export function lineOpensForm({ context }: Parts, slash: string, typed: string): boolean {
  const read = readSlash(context.commands, slash, typed);
  return read !== undefined && "command" in read && needsForm(read.command, read.line);
}

function needsForm(command: AnyCommand, line: string): boolean {
  return line === "" && hasField(command, ({ required }) => required);
}
