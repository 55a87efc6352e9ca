import type {
  APIApplicationCommandBasicOption,
  APIApplicationCommandOptionChoice,
  ApplicationCommandOptionAllowedChannelType,
} from "discord.js";
import { ApplicationCommandOptionType, ChannelType } from "discord.js";
import type { ChoiceField, Fields } from "../../../command/fields.ts";
import { clip } from "../../../text/words.ts";
import type { AskedField } from "./fields.ts";
import { namedOptions } from "./fields.ts";
import { described, original, translated, translatedName } from "./words.ts";

/** Renders the options that may be typed behind a command. */
export function renderOptions(fields: Fields): APIApplicationCommandBasicOption[] {
  return namedOptions(fields).flatMap(({ field, names }) =>
    names.map((each, index) => renderOption(field, each, index)),
  );
}

/** Where a new kind of field must be decided on: without its case this does not compile. */
function renderOption(field: AskedField, name: string, index: number): APIApplicationCommandBasicOption {
  const option = {
    name,
    ...translatedName((text) => `${field.label(text)}${index === 0 ? "" : index + 1}`),
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
    case "role":
      return { ...option, type: ApplicationCommandOptionType.Role };
    case "channel":
      return { ...option, type: ApplicationCommandOptionType.Channel, channel_types: textChannels };
    case "image":
    case "images":
      return { ...option, type: ApplicationCommandOptionType.Attachment };
    case "service":
    case "style":
    case "reference":
      return { ...option, type: ApplicationCommandOptionType.String, autocomplete: true };
    case "choice":
      return field.open
        ? { ...option, type: ApplicationCommandOptionType.String, autocomplete: true }
        : { ...option, type: ApplicationCommandOptionType.String, choices: renderChoices(field) };
  }
}

/** Where somebody can ask for an image; a thread counts as its channel. */
const textChannels: ApplicationCommandOptionAllowedChannelType[] = [
  ChannelType.GuildText,
  ChannelType.GuildVoice,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildStageVoice,
  ChannelType.GuildForum,
  ChannelType.GuildMedia,
];

function renderChoices({ choices }: ChoiceField): APIApplicationCommandOptionChoice<string>[] {
  return choices.map(({ value, label }) => ({
    value,
    name: clip(label(original), 100),
    name_localizations: translated((text) => clip(label(text), 100)),
  }));
}
