import type { APIApplicationCommandBasicOption, APILabelComponent } from "discord-api-types/v10";
import type { FakeGateway } from "./fake-discord-gateway.ts";
import { storeFile } from "./fake-discord-messages.ts";
import {
  type FakeAttachment,
  type FakeChannel,
  type FakeInteraction,
  type FakeMessage,
  type FakeState,
  type FakeUser,
  shownMessage,
} from "./fake-discord-state.ts";

/** A file from the member's disk. */
export interface MemberFile {
  readonly name: string;
  readonly bytes: Buffer;
}

export type OptionValue = string | number | boolean | MemberFile | FakeUser;

/** Where and how a member does something. */
export interface Where {
  readonly channel?: FakeChannel;
  readonly locale?: string;
  /** Milliseconds that the event was on its way already. */
  readonly ageMs?: number;
}

type RawInteraction = Pick<FakeInteraction, "kind" | "user" | "channel" | "locale" | "source"> & {
  readonly ageMs: number;
  readonly data: unknown;
};

const kinds = { command: 2, button: 3, autocomplete: 4, modal: 5 } as const;
const contexts = { guild: 0, dm: 1, group: 2 } as const;
const channelTypes = { guild: 0, dm: 1, group: 3 } as const;

/** Makes the interaction that Discord would send for what a member did, and sends it. */
export function interact(state: FakeState, gateway: FakeGateway, raw: RawInteraction): FakeInteraction {
  const id = state.snowflake();
  const { kind, user, channel, locale, source, ageMs, data } = raw;
  const interaction: FakeInteraction = {
    ...{ id, kind, user, channel, locale, source },
    token: `aW50ZXJhY3Rpb246${id}`,
    sentAt: state.now() - ageMs,
    ackMs: undefined,
    reply: undefined,
    modal: undefined,
    choices: undefined,
    followUps: [],
  };
  state.interactions.set(id, interaction);
  gateway.dispatch("INTERACTION_CREATE", wire(state, interaction, data), channel.guild?.id);
  return interaction;
}

function wire(state: FakeState, interaction: FakeInteraction, data: unknown): object {
  const { id, token, kind, user, channel, locale, source } = interaction;
  const { guild } = channel;
  const person = { id: user.id, username: user.name, discriminator: "0", global_name: null, avatar: null };
  const member = { user: person, roles: [], joined_at: "2026-01-01T00:00:00Z", deaf: false, mute: false, flags: 0 };
  const installed = channel.kind === "dm" ? { 0: "0" } : guild?.installed ? { 0: guild.id } : { 1: user.id };
  return {
    ...{ id, token, data, locale, version: 1, entitlements: [], application_id: state.applicationId },
    type: kinds[kind],
    channel_id: channel.id,
    channel: { id: channel.id, type: channelTypes[channel.kind], ...(guild ? { guild_id: guild.id } : {}) },
    ...(guild
      ? { guild_id: guild.id, guild_locale: "en-US", member: { ...member, permissions: "2147483647" } }
      : { user: person }),
    ...(source ? { message: shownMessage(state, source) } : {}),
    app_permissions: "2147483647",
    context: contexts[channel.kind],
    authorizing_integration_owners: installed,
    attachment_size_limit: 10_485_760,
  };
}

interface Resolved {
  readonly attachments: Record<string, object>;
  readonly users: Record<string, object>;
}

/** The data of a slash command; checked as Discord's own form checks it. */
export function commandData(
  state: FakeState,
  channel: FakeChannel,
  name: string,
  values: Readonly<Record<string, OptionValue>>,
): object {
  const command = [...state.commands.values()].flat().find((each) => each.name === name);
  if (!command) throw new Error(`/${name} is not registered`);
  const known = ("options" in command ? (command.options ?? []) : []) as APIApplicationCommandBasicOption[];
  const missing = known.find((option) => option.required && values[option.name] === undefined);
  if (missing) throw new Error(`/${name} needs ${missing.name}`);
  const resolved: Resolved = { attachments: {}, users: {} };
  const options = Object.entries(values).map(([key, value]) => {
    const option = known.find((each) => each.name === key);
    if (!option) throw new Error(`/${name} has no option ${key}`);
    checkValue(option, value);
    return { name: key, type: option.type, value: plainValue(state, channel, value, resolved) };
  });
  return { id: "1200000000000000000", name, type: 1, options, resolved };
}

function checkValue(option: APIApplicationCommandBasicOption, value: OptionValue): void {
  const { choices, max_length, min_value, max_value } = option as {
    choices?: { value: unknown }[];
    max_length?: number;
    min_value?: number;
    max_value?: number;
  };
  const wrong =
    (choices && !choices.some((choice) => choice.value === value)) ||
    (typeof value === "string" && value.length > (max_length ?? 6000)) ||
    (typeof value === "number" && (value < (min_value ?? value) || value > (max_value ?? value)));
  if (wrong) throw new Error(`Discord's form does not let ${option.name} be ${String(value)}`);
}

function plainValue(state: FakeState, channel: FakeChannel, value: OptionValue, resolved: Resolved) {
  if (typeof value !== "object") return value;
  if ("bytes" in value) {
    const file = storeFile(state, channel, { filename: value.name, bytes: value.bytes });
    resolved.attachments[file.id] = shownAttachment(file);
    return file.id;
  }
  resolved.users[value.id] = { id: value.id, username: value.name, discriminator: "0", avatar: null };
  return value.id;
}

function shownAttachment({ bytes, description, ...file }: FakeAttachment): object {
  return { ...file, proxy_url: file.url, ephemeral: true };
}

/** The custom id of the button with this label on a message. */
export function buttonId(message: FakeMessage, label: string): string {
  const button = buttonsOf(message).find((each) => each.label === label);
  if (button) return button.custom_id;
  throw new Error(`no button ${label} on: ${message.content}`);
}

/** The buttons of a message in reading order. */
export function buttonsOf({ components }: FakeMessage): readonly { label: string; custom_id: string }[] {
  return components.flatMap((row) => ("components" in row ? (row.components as never) : []));
}

/** What Discord sends when a form is submitted: every part, answered or not. */
export function modalData(
  state: FakeState,
  { modal, channel }: FakeInteraction,
  values: Readonly<Record<string, string | readonly MemberFile[]>>,
): object {
  if (!modal) throw new Error("there is no form to submit");
  const unknown = Object.keys(values).find(
    (key) => !labelsOf(modal).some(({ component }) => component.custom_id === key),
  );
  if (unknown) throw new Error(`the form has no part ${unknown}`);
  const resolved: Resolved = { attachments: {}, users: {} };
  const components = labelsOf(modal).map(({ type, component }) => {
    const value = values[component.custom_id];
    if (value === undefined && "required" in component && component.required) {
      throw new Error(`the form needs ${component.custom_id}`);
    }
    return { type, id: 1, component: submittedPart(state, channel, component, value, resolved) };
  });
  return { custom_id: modal.custom_id, components, resolved };
}

function labelsOf(modal: NonNullable<FakeInteraction["modal"]>): APILabelComponent[] {
  return modal.components.filter((part): part is APILabelComponent => part.type === 18);
}

function submittedPart(
  state: FakeState,
  channel: FakeChannel,
  { type, custom_id }: APILabelComponent["component"],
  value: string | readonly MemberFile[] | undefined,
  resolved: Resolved,
): object {
  const part = { type, id: 2, custom_id };
  if (type === 4) return { ...part, value: value ?? "" };
  if (type === 23) return { ...part, value: value === "true" };
  if (typeof value === "string") return { ...part, values: [value] };
  return { ...part, values: (value ?? []).map((file) => plainValue(state, channel, file, resolved)) };
}
