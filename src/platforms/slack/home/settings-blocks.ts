import type { types } from "@slack/bolt";
import type { AnyCommand } from "../../../command/command.ts";
import type { Field, Fields } from "../../../command/fields.ts";
import type { MemberSettings, ServiceOffer } from "../../../contract/usecases.ts";
import type { Text } from "../../../text/text.ts";
import { type Choice, choicesOf, optionsOf } from "../events/inputs.ts";
import { plain } from "../messages/blocks.ts";

/** A member's choice in their home: a field of the settings, and its new value; undefined is unset. */
export interface SettingChoice {
  readonly name: string;
  readonly value: string | undefined;
}

const action = "home:";
const unset = "-";

/** One select for each setting that can be chosen, as it is now. */
export function settingsBlocks(
  command: AnyCommand,
  settings: MemberSettings,
  services: readonly ServiceOffer[],
  text: Text,
): types.KnownBlock[] {
  const fields: Fields = command.fields;
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!isKept(name)) return [];
    const choices = choicesOf(field, { text, services });
    return choices && choices.length > 0 ? [settingBlock(name, field, choices, settings[name], text)] : [];
  });
}

function settingBlock(
  name: string,
  field: Field,
  choices: readonly Choice[],
  value: MemberSettings[keyof MemberSettings],
  text: Text,
): types.KnownBlock {
  const now = typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? unset);
  const usual: Choice = [unset, text.slack.home.usual];
  const known = now === unset || choices.some(([one]) => one === now);
  const options = optionsOf([usual, ...(known ? [] : [[now, now] as const]), ...choices]);
  const initial_option = options.find((option) => option.value === now);
  return {
    type: "section",
    block_id: `${action}${name}`,
    text: plain(field.label(text), 150),
    accessory: {
      type: "static_select",
      action_id: `${action}${name}`,
      options,
      ...(initial_option ? { initial_option } : {}),
    },
  };
}

/** Reads a setting's action; undefined when it is something else. */
export function readSettingChoice(chosen: object): SettingChoice | undefined {
  const { action_id, selected_option } = chosen as { action_id?: string; selected_option?: { value?: string } | null };
  if (!action_id?.startsWith(action)) return undefined;
  const value = selected_option?.value;
  return { name: action_id.slice(action.length), value: value === unset ? undefined : value };
}

/** Makes a change as `changeSettings` takes it; undefined when there is no such setting. */
export function changeBy({ name, value }: SettingChoice, { fields }: AnyCommand): Partial<MemberSettings> | undefined {
  const field = (fields as Fields)[name];
  if (!field || !isKept(name)) return undefined;
  if (value === undefined) return { [name]: undefined };
  if (field.kind === "integer") return { [name]: Number(value) };
  return { [name]: field.kind === "yes-no" ? value === "yes" : value };
}

const kept = ["size", "quality", "count", "format", "background", "fidelity", "drafts", "provider", "private"] as const;

function isKept(name: string): name is (typeof kept)[number] {
  return kept.some((one) => one === name);
}
