import type { APIApplicationCommandOptionChoice, AutocompleteInteraction } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { Field } from "../../command/fields.ts";
import { type Text, textFor } from "../../text/text.ts";
import { clip } from "../../text/words.ts";
import type { Draft, UseCases } from "../../usecases/usecases.ts";

type Choice = APIApplicationCommandOptionChoice<string>;

/**
 * The suggestions that hold what was typed so far: of an open choice that text itself first, since any may be sent; of
 * services each with its price for the options that are filled in already. Nothing here waits.
 */
export function suggestions(
  { fields }: AnyCommand,
  interaction: AutocompleteInteraction,
  usecases: UseCases,
): Choice[] {
  const { name, value } = interaction.options.getFocused(true);
  const typed = value.trim();
  const text = textFor(interaction.locale);
  const field: Field | undefined = fields[name];
  if (field?.kind === "service") return matching(offers(usecases.services(draftOf(interaction)), text), typed);
  if (field?.kind !== "choice") return [];
  const offered = field.choices.map(({ value, label }) => ({ value, name: clip(label(text), 100) }));
  const known = typed === "" || offered.some((choice) => choice.value === typed);
  const own = known ? [] : [{ name: clip(typed, 100), value: typed.slice(0, 100) }];
  return [...own, ...matching(offered, typed)].slice(0, 25);
}

function offers(services: ReturnType<UseCases["services"]>, text: Text): Choice[] {
  return services.map((offer) => ({ value: offer.name, name: clip(text.service(offer), 100) }));
}

function matching(offered: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLowerCase();
  return offered.filter(({ value, name }) => `${value} ${name}`.toLowerCase().includes(wanted)).slice(0, 25);
}

function draftOf({ options }: AutocompleteInteraction): Partial<Draft> {
  const text = (name: string) => options.getString(name) ?? undefined;
  return {
    size: text("size"),
    quality: text("quality"),
    format: text("format"),
    count: options.getInteger("count") ?? undefined,
  };
}
