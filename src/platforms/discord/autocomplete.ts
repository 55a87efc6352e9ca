import type { APIApplicationCommandOptionChoice, AutocompleteInteraction } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { ChoiceField, Field } from "../../command/fields.ts";
import { textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";

/** The suggestions of an open choice that hold what was typed so far; that text itself first, since any may be sent. */
export function suggestions(
  { fields }: AnyCommand,
  { options, locale }: AutocompleteInteraction,
): APIApplicationCommandOptionChoice<string>[] {
  const { name, value } = options.getFocused(true);
  const field: Field | undefined = fields[name];
  if (field?.kind !== "choice") return [];
  return matching(field, value.trim(), locale);
}

function matching(
  { choices }: ChoiceField,
  typed: string,
  locale: string,
): APIApplicationCommandOptionChoice<string>[] {
  const text = textFor(locale);
  const offered = choices.map(({ value, label }) => ({ value, name: clip(label(text), 100) }));
  const wanted = typed.toLowerCase();
  const found = offered.filter((choice) => `${choice.value} ${choice.name}`.toLowerCase().includes(wanted));
  const known = typed === "" || offered.some(({ value }) => value === typed);
  const own = known ? [] : [{ name: clip(typed, 100), value: typed.slice(0, 100) }];
  return [...own, ...found].slice(0, 25);
}
