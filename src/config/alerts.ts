import type { AlertChannel } from "../contract/alerts.ts";
import { list } from "./values.ts";

const shape = /^(?:discord:(?<guild>\d+)|slack:(?<team>T\w+)):(?<channel>\w+)$/;

/** The variable ALERT_CHANNELS. */
export const alertChannels = list
  .refine((names) => names.every((name) => shape.test(name)), {
    message: "must be a list such as discord:SERVER:CHANNEL,slack:TEAM:CHANNEL",
  })
  .default([]);

/** Channels by the names that the store has for their tenants. */
export function alertChannelsOf(names: readonly string[], locale: string): readonly AlertChannel[] {
  return names.flatMap((name) => {
    const { guild, team, channel } = shape.exec(name)?.groups ?? {};
    if (!channel) return [];
    if (guild) return [{ platform: "discord", tenant: `discord:guild:${guild}`, channel, locale }];
    return [{ platform: "slack", tenant: `slack:${team}`, channel, locale }];
  });
}
