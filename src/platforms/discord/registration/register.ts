import { isDeepStrictEqual } from "node:util";
import { Routes } from "discord.js";
import type { DiscordApi } from "../rest/api.ts";
import type { Registration } from "./registration.ts";

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
