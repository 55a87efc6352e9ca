import { isDeepStrictEqual } from "node:util";
import type { APIApplication } from "discord.js";
import { Routes } from "discord.js";
import type { DiscordApi } from "./api.ts";
import type { Registration } from "./registration.ts";

/**
 * Brings what is registered to `wanted`: for all of Discord, or for one guild alone. Sends nothing when it is so already:
 * Discord allows 200 creations a day. Resolves to whether something was sent.
 */
export async function register(api: DiscordApi, wanted: readonly Registration[], guild?: string): Promise<boolean> {
  const { id } = await api.get<APIApplication>(Routes.currentApplication());
  const route = guild ? Routes.applicationGuildCommands(id, guild) : Routes.applicationCommands(id);
  const target = guild ? wanted.map(forOneGuild) : wanted;
  const present = await api.get<Registration[]>(route, new URLSearchParams({ with_localizations: "true" }));
  const seen = guild ? present.map(forOneGuild) : present;
  if (isDeepStrictEqual(canonicalList(seen), canonicalList(target))) return false;
  await api.put(route, target);
  return true;
}

/** Contexts and installation types exist for global commands only. */
function forOneGuild({ contexts, integration_types, ...command }: Registration): Registration {
  return command;
}

const addedByDiscord = new Set(["id", "application_id", "guild_id", "version", "dm_permission", "default_permission"]);

function canonicalList(commands: readonly Registration[]): unknown {
  return commands.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(canonical);
}

/** The same JSON for the same meaning: without what Discord adds, and without values that say nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "number") ? value.toSorted() : value.map(canonical);
  }
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => !addedByDiscord.has(key) && saysSomething(item));
  return Object.fromEntries(kept.map(([key, item]) => [key, canonical(item)]));
}

function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
