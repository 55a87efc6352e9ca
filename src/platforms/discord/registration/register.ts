import { isDeepStrictEqual } from "node:util";
import { Routes } from "discord.js";
import type { AnyCommand } from "../../../command/command.ts";
import type { Log } from "../../../world.ts";
import type { DiscordApi } from "../rest/api.ts";
import { DiscordFailure } from "../rest/failure.ts";
import { type Registration, renderRegistration } from "./registration.ts";

interface Registering {
  readonly api: DiscordApi;
  readonly application: string;
  readonly commands: readonly AnyCommand[];
  /** Register in this guild alone. */
  readonly guild?: string | undefined;
  readonly log: Log;
}

/** Tells Discord what to offer. What it refuses is logged, command by command and field by field, and the bot goes on. */
export async function registerCommands({ api, application, commands, guild, log }: Registering): Promise<void> {
  const wanted = renderRegistration(commands);
  try {
    const sent = await register(api, application, wanted, guild);
    log.info({ sent }, "discord: commands are registered");
  } catch (error) {
    if (!(error instanceof DiscordFailure) || error.status === 401 || error.kind === "later") throw error;
    log.error(
      { code: error.code, status: error.status },
      `Discord does not register the bot's commands.\n${refusals(error, wanted)}`,
    );
  }
}

/** The command and the field of each refusal, a line for each of the first five. */
function refusals({ fields, message }: DiscordFailure, wanted: readonly Registration[]): string {
  const lines = fields.map(({ path: [index, ...rest], reason }) => {
    const command = wanted[Number(index)];
    if (!command) return `${[index, ...rest].filter(Boolean).join(".")}: ${reason}`;
    return `/${command.name}: ${readable(rest, command)}: ${reason}`;
  });
  return lines.length > 0 ? lines.slice(0, 5).join("\n") : message;
}

/** `options.2.name` with the option's own name for its number. */
function readable(path: readonly string[], command: unknown): string {
  let at = command;
  return path
    .map((key) => {
      at = (at as Record<string, unknown> | undefined)?.[key];
      const name = (at as { name?: unknown } | undefined)?.name;
      return /^\d+$/.test(key) && typeof name === "string" ? name : key;
    })
    .join(".");
}

/**
 * Brings what is registered to `wanted`: for all of Discord, or for one guild alone. Sends nothing when it is so already:
 * Discord allows 200 creations a day. Resolves to whether something was sent.
 */
export async function register(
  api: DiscordApi,
  application: string,
  wanted: readonly Registration[],
  guild?: string,
): Promise<boolean> {
  const route = guild ? Routes.applicationGuildCommands(application, guild) : Routes.applicationCommands(application);
  const target = guild ? wanted.map(forOneGuild) : wanted;
  const present = await api.get<Registration[]>(route, new URLSearchParams({ with_localizations: "true" }));
  const seen = guild ? present.map(forOneGuild) : present;
  if (isDeepStrictEqual(canonicalList(seen), canonicalList(target))) return false;
  await api.put(route, target);
  return true;
}

/** Contexts and installation types exist for global commands only. */
function forOneGuild({ contexts, integration_types, ...command }: Registration): Registration {
  return command as Registration;
}

const addedByDiscord = new Set(["id", "application_id", "guild_id", "version", "dm_permission", "default_permission"]);

function canonicalList(commands: readonly Registration[]): unknown {
  const key = ({ type, name }: Registration) => `${type} ${name}`;
  return commands.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map(canonical);
}

/** The same JSON for the same meaning: without what Discord adds, and without values that say nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "number") ? value.toSorted() : value.map(canonical);
  }
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => !addedByDiscord.has(key) && saysSomething(item));
  return Object.fromEntries(
    kept.map(([key, item]) => [key, key === "default_member_permissions" ? String(item) : canonical(item)]),
  );
}

function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
