import type { APIApplicationCommandInteractionDataOption, APIInteractionDataResolved, ChannelType } from "discord.js";
import { ApplicationCommandOptionType } from "discord.js";

/** Everything typed behind a command, so far or in the end. */
export interface Typed {
  /** The name of one of our commands: `imagine`, or `admin-grant` for `/admin grant`. */
  readonly command: string;
  readonly values: ReadonlyMap<string, string | number | boolean>;
  /** The option that is being typed. */
  readonly focused?: { readonly name: string; readonly value: string };
  readonly attachments: NonNullable<APIInteractionDataResolved["attachments"]>;
  readonly channels: Readonly<Record<string, ResolvedChannel>>;
}

/** A channel that was chosen, with what the bot may do in it; Discord tells that since July 2026. */
export interface ResolvedChannel {
  readonly id: string;
  readonly type: ChannelType;
  readonly app_permissions?: string | undefined;
}

interface Data {
  readonly name: string;
  readonly options?: readonly APIApplicationCommandInteractionDataOption[] | undefined;
  readonly resolved?: APIInteractionDataResolved | undefined;
}

export function readTyped({ name, options = [], resolved }: Data): Typed {
  const [first] = options;
  const sub = first?.type === ApplicationCommandOptionType.Subcommand ? first : undefined;
  const given = (sub ? (sub.options ?? []) : options) as readonly {
    name: string;
    value: string | number | boolean;
    focused?: boolean;
  }[];
  const focused = given.find((option) => option.focused);
  return {
    command: sub ? `${name}-${sub.name}` : name,
    values: new Map(given.map((option) => [option.name, option.value])),
    ...(focused ? { focused: { name: focused.name, value: String(focused.value) } } : {}),
    attachments: resolved?.attachments ?? {},
    channels: (resolved?.channels ?? {}) as Readonly<Record<string, ResolvedChannel>>,
  };
}
