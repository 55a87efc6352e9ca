import type {
  APIApplicationCommandBasicOption,
  APIApplicationCommandOptionChoice,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
} from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { ChoiceField } from "../../command/fields.ts";
import type { Language, Text } from "../../text/text.ts";
import { textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { AskedField } from "./asked.ts";
import { namedOptions } from "./asked.ts";

export type Registration = RESTPostAPIChatInputApplicationCommandsJSONBody;

const original = textFor("en");
/** Languages besides English; each is a Discord locale too. */
const translations: readonly Exclude<Language, "en">[] = ["zh-CN"];
const namePattern = /^[-_'\p{L}\p{N}]{1,32}$/u;

/** What Discord is told to offer: every typed command, for servers, direct messages and private channels. */
export function renderRegistration(commands: readonly AnyCommand[]): Registration[] {
  return commands
    .filter(({ entry }) => entry === "typed")
    .map(({ name, summary, fields }) => ({
      type: ApplicationCommandType.ChatInput,
      name,
      ...described(summary),
      options: namedOptions(fields).flatMap(({ field, names }) =>
        names.map((each, index) => renderOption(field, each, index)),
      ),
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
      integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
    }));
}

/** Where a new kind of field must be decided on: without its case this does not compile. */
function renderOption(field: AskedField, name: string, index: number): APIApplicationCommandBasicOption {
  const option = {
    name,
    ...translatedName(field, index),
    ...described(field.hint),
    ...(field.required && index === 0 ? { required: true } : {}),
  };
  switch (field.kind) {
    case "text":
      return { ...option, type: ApplicationCommandOptionType.String, max_length: Math.min(field.maxLength, 6000) };
    case "integer":
      return { ...option, type: ApplicationCommandOptionType.Integer, min_value: field.min, max_value: field.max };
    case "yes-no":
      return { ...option, type: ApplicationCommandOptionType.Boolean };
    case "member":
      return { ...option, type: ApplicationCommandOptionType.User };
    case "image":
    case "images":
      return { ...option, type: ApplicationCommandOptionType.Attachment };
    case "service":
      return { ...option, type: ApplicationCommandOptionType.String, autocomplete: true };
    case "choice":
      return field.open
        ? { ...option, type: ApplicationCommandOptionType.String, autocomplete: true }
        : { ...option, type: ApplicationCommandOptionType.String, choices: renderChoices(field) };
  }
}

function renderChoices({ choices }: ChoiceField): APIApplicationCommandOptionChoice<string>[] {
  return choices.map(({ value, label }) => ({
    value,
    name: clip(label(original), 100),
    name_localizations: translated((text) => clip(label(text), 100)),
  }));
}

function described(sentence: (text: Text) => string) {
  const short = (text: Text) => clip(sentence(text), 100);
  return { description: short(original), description_localizations: translated(short) };
}

/** The label where it is a legal option name; Discord allows neither spaces nor capitals in one. */
function translatedName({ label }: AskedField, index: number) {
  const names = translated((text) => `${label(text).toLowerCase()}${index === 0 ? "" : index + 1}`);
  const legal = Object.entries(names).filter(([, name]) => namePattern.test(name));
  return legal.length > 0 ? { name_localizations: Object.fromEntries(legal) } : {};
}

function translated(say: (text: Text) => string): { [locale in (typeof translations)[number]]: string } {
  return Object.fromEntries(translations.map((language) => [language, say(textFor(language))])) as {
    [locale in (typeof translations)[number]]: string;
  };
}
