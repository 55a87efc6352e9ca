import type {
  APIApplicationCommandSubcommandOption,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from "discord.js";
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from "discord.js";
import { type AnyCommand, type CommandGroup, painterIn, saverIn, starterIn } from "../../../command/command.ts";
import { commandsOn } from "../../../command/offered.ts";
import type { Text } from "../../../text/text.ts";
import { clip } from "../../../text/words.ts";
import { renderOptions } from "./options.ts";
import { described, original, translated, translatedName } from "./words.ts";

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody | RESTPostAPIContextMenuApplicationCommandsJSONBody;
type Registered<Each> = Each extends Body ? Omit<Each, "default_member_permissions"> & Hidden : never;
interface Hidden {
  /** A number in Discord's OpenAPI description; it answers with text. */
  readonly default_member_permissions?: number;
}
export type Registration = Registered<Body>;

const everywhere = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
};
/** Discord hides the command from everybody else; use cases check again. */
const forAdmins = { default_member_permissions: Number(PermissionFlagsBits.ManageGuild) };

/** Renders all that Discord offers: every typed command and group, and what stands in the menu of messages. */
export function renderRegistration(commands: readonly AnyCommand[]): Registration[] {
  const typed = commandsOn("discord", commands).filter(({ entry }) => entry === "typed");
  const alone = typed.filter(({ group }) => !group).map(renderCommand);
  const groups = [...new Set(typed.map(({ group }) => group))].filter((group) => group !== undefined);
  const menus = [
    ...(starterIn(typed, "from-images") ? [messageCommand(({ discord }) => discord.editMessage)] : []),
    ...(saverIn(typed) ? [messageCommand(({ discord }) => discord.saveMessage)] : []),
    ...(painterIn(commands) ? [messageCommand(({ discord }) => discord.paintMessage)] : []),
  ];
  return [...alone, ...groups.map((group) => renderGroup(group, typed)), ...menus];
}

function renderCommand({ name, summary, fields, audience }: AnyCommand): Registration {
  return {
    type: ApplicationCommandType.ChatInput,
    name,
    ...translatedName((text) => nameOf(name, text)),
    ...described(summary),
    options: renderOptions(fields),
    ...everywhere,
    ...(audience === "admins" ? forAdmins : {}),
  };
}

function renderGroup(group: CommandGroup, typed: readonly AnyCommand[]): Registration {
  const members = typed.filter((command) => command.group?.name === group.name);
  return {
    type: ApplicationCommandType.ChatInput,
    name: group.name,
    ...translatedName((text) => nameOf(group.name, text)),
    ...described(group.summary),
    options: members.map(renderSubcommand),
    ...everywhere,
    ...(members.every(({ audience }) => audience === "admins") ? forAdmins : {}),
  };
}

function renderSubcommand({ name, group, summary, fields }: AnyCommand): APIApplicationCommandSubcommandOption {
  const own = name.slice((group?.name.length ?? -1) + 1);
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name: own,
    ...translatedName((text) => nameOf(own, text)),
    ...described(summary),
    options: renderOptions(fields),
  };
}

/** Members of that language may type this as well; nothing where the name has no translation. */
function nameOf(name: string, { discord: { names } }: Text): string {
  return (names as Readonly<Record<string, string>>)[name] ?? "";
}

function messageCommand(name: (text: Text) => string): Registration {
  return {
    type: ApplicationCommandType.Message,
    name: name(original),
    name_localizations: translated((text) => clip(name(text), 32)),
    ...everywhere,
  };
}
