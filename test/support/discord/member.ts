import type { APILabelComponent } from "discord-api-types/v10";
import type { Command } from "./command-rules.ts";
import type { FakeGateway } from "./gateway.ts";
import { storeFile } from "./messages.ts";
import { appPermissions, shownAttachment, shownChannel, shownMessage, shownUser } from "./shown.ts";
import type { FakeChannel, FakeInteraction, FakeMessage, FakeState, FakeUser } from "./state.ts";

/** A file from the member's disk. */
export interface MemberFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A role or a channel that is picked. */
export interface Picked {
  readonly picked: string;
}

export type OptionValue = string | number | boolean | MemberFile | FakeUser | Picked;

/** Where and how a member does something. */
export interface Where {
  readonly channel?: FakeChannel;
  readonly locale?: string;
  /** Milliseconds that the event was on its way already. */
  readonly ageMs?: number;
  readonly roles?: readonly string[];
  /** May manage the guild. */
  readonly admin?: boolean;
}

type RawInteraction = Pick<FakeInteraction, "kind" | "user" | "channel" | "locale" | "source"> &
  Pick<Where, "roles" | "admin"> & {
    readonly ageMs: number;
    readonly data: unknown;
  };

const kinds = { command: 2, button: 3, autocomplete: 4, modal: 5 } as const;
const contexts = { guild: 0, forum: 0, media: 0, thread: 0, dm: 1, group: 2 } as const;
const [viewing, sending, attaching, managing] = [1n << 10n, 1n << 11n, 1n << 15n, 1n << 5n];

/** Makes the interaction that Discord would send for what a member did, and sends it. */
export function interact(state: FakeState, gateway: FakeGateway, raw: RawInteraction): FakeInteraction {
  const id = state.snowflake();
  const { kind, user, channel, locale, source, ageMs } = raw;
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
  gateway.dispatch("INTERACTION_CREATE", wire(state, interaction, raw), channel.guild?.id);
  return interaction;
}

function wire(state: FakeState, interaction: FakeInteraction, { data, roles = [], admin }: RawInteraction): object {
  const { id, token, kind, user, channel, locale, source } = interaction;
  const { guild } = channel;
  const person = shownUser(state, user.id);
  const permissions = String(viewing | sending | attaching | (admin ? managing : 0n));
  const member = { user: person, roles, permissions, joined_at: "2026-01-01T00:00:00Z", deaf: false, mute: false };
  const installed = channel.kind === "dm" ? { 0: "0" } : guild?.installed ? { 0: guild.id } : { 1: user.id };
  return {
    ...{ id, token, data, locale, version: 1, entitlements: [], application_id: state.applicationId },
    type: kinds[kind],
    channel_id: channel.id,
    channel: shownChannel(channel),
    ...(guild ? { guild_id: guild.id, guild_locale: guild.locale, member: { ...member, flags: 0 } } : { user: person }),
    ...(source ? { message: shownMessage(state, source) } : {}),
    app_permissions: appPermissions(channel),
    context: contexts[channel.kind],
    authorizing_integration_owners: installed,
    attachment_size_limit: state.promisedLimit,
  };
}

interface Resolved {
  readonly attachments: Record<string, object>;
  readonly users: Record<string, object>;
  readonly channels: Record<string, object>;
}

/** The data of a slash command, `admin grant` for a subcommand; checked as Discord's own form checks it. */
export function commandData(
  state: FakeState,
  channel: FakeChannel,
  name: string,
  values: Readonly<Record<string, OptionValue>>,
): object {
  const [top, sub] = name.split(" ");
  const command = registered(state).find((each) => each.name === top && (each.type ?? 1) === 1);
  const chosen = sub ? command?.options?.find((option) => option.name === sub) : command;
  if (!command || !chosen) throw new Error(`/${name} is not registered`);
  const known = chosen.options ?? [];
  const missing = known.find((option) => option.required && values[option.name] === undefined);
  if (missing) throw new Error(`/${name} needs ${missing.name}`);
  const resolved: Resolved = { attachments: {}, users: {}, channels: {} };
  const given = Object.entries(values).map(([key, value]) => {
    const option = known.find((each) => each.name === key);
    if (!option) throw new Error(`/${name} has no option ${key}`);
    checkValue(option, value);
    return { name: key, type: option.type, value: plainValue(state, channel, value, resolved) };
  });
  const options = sub ? [{ name: sub, type: 1, options: given }] : given;
  return { id: "1200000000000000000", name: top, type: 1, options, resolved };
}

/** Lists the commands that Discord offers, everywhere and in single guilds. */
function registered(state: FakeState): Command[] {
  return [...state.commands.values()].flat() as Command[];
}

function checkValue(option: Command, value: OptionValue): void {
  const { choices, max_length, min_value, max_value } = option as unknown as {
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
  if ("picked" in value) {
    const picked = state.channels.get(value.picked);
    if (picked) resolved.channels[picked.id] = { ...shownChannel(picked), app_permissions: appPermissions(picked) };
    return value.picked;
  }
  if ("bytes" in value) {
    const file = storeFile(state, channel, { filename: value.name, bytes: value.bytes });
    resolved.attachments[file.id] = { ...shownAttachment(file), ephemeral: true };
    return file.id;
  }
  resolved.users[value.id] = shownUser(state, value.id);
  return value.id;
}

/** The data of a command in a message's menu: the message comes whole, whoever wrote it. */
export function menuData(state: FakeState, message: FakeMessage, name: string): object {
  if (!registered(state).some((each) => each.name === name && each.type === 3))
    throw new Error(`${name} is not offered`);
  const messages = { [message.id]: shownMessage(state, message) };
  return { id: "1200000000000000001", name, type: 3, target_id: message.id, resolved: { messages } };
}

/** The custom id of the button with this label on a message. */
export function buttonId(message: FakeMessage, label: string): string {
  const button = buttonsOf(message).find((each) => each.label === label);
  if (button) return button.custom_id;
  throw new Error(`no button ${label} on: ${message.content}`);
}

interface Button {
  readonly label: string;
  readonly custom_id: string;
}

/** The buttons of a message in reading order. */
export function buttonsOf({ components }: Pick<FakeMessage, "components">): readonly Button[] {
  return components.flatMap((part) => {
    const inside = "components" in part ? (part.components as never[]) : [];
    return (part as { type: number }).type === 1 ? (inside as Button[]) : buttonsOf({ components: inside });
  });
}

/** Answers of a member by the parts of a form; several choices are a list. */
export type FormValues = Readonly<Record<string, string | readonly string[] | readonly MemberFile[]>>;

/** Makes what Discord sends when a form is submitted: every part, answered or not. */
export function modalData(state: FakeState, { modal, channel }: FakeInteraction, values: FormValues): object {
  if (!modal) throw new Error("there is no form to submit");
  const unknown = Object.keys(values).find(
    (key) => !labelsOf(modal).some(({ component }) => component.custom_id === key),
  );
  if (unknown) throw new Error(`the form has no part ${unknown}`);
  const resolved: Resolved = { attachments: {}, users: {}, channels: {} };
  const components = labelsOf(modal).map(({ type, component }) => {
    const value = values[component.custom_id] ?? filledIn(component);
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
  component: APILabelComponent["component"],
  value: FormValues[string] | undefined,
  resolved: Resolved,
): object {
  const { type, custom_id } = component;
  const part = { type, id: 2, custom_id };
  const lines = "options" in component ? (component.options as readonly { value: string }[]) : undefined;
  if (lines && typeof value === "string" && !lines.some((line) => line.value === value)) {
    throw new Error(`the form does not offer ${value} for ${custom_id}`);
  }
  if (type === 4) return { ...part, value: value ?? "" };
  if (type === 21) return { ...part, value: value ?? null };
  if (type === 23) return { ...part, value: value === "true" };
  if (typeof value === "string") return { ...part, values: [value] };
  const chosen = (value ?? []).map((each) => plainValue(state, channel, each, resolved));
  const unknown = lines && chosen.find((each) => !lines.some((line) => line.value === each));
  if (unknown) throw new Error(`the form does not offer ${unknown} for ${custom_id}`);
  return { ...part, values: chosen };
}

/** A part that is left as it opened. */
function filledIn(component: APILabelComponent["component"]): FormValues[string] | undefined {
  if ("value" in component) return component.value;
  if (component.type === 23) return component.default ? "true" : undefined;
  if (!("options" in component)) return undefined;
  const defaults = (component.options as readonly { value: string; default?: boolean }[]).filter(
    (line) => line.default,
  );
  return defaults.length > 0 ? defaults.map(({ value }) => value) : undefined;
}
