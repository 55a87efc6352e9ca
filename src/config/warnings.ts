import type { Config } from "./config.ts";

/** Sentences for the log at the start about what the configuration allows and an operator hardly means. */
export function warningsOf({ providers, globalDailyCredits, allowedTenants, discord, slack }: Config): string[] {
  const paid = providers.some(({ definition }) => definition.needsKey);
  if (!paid || globalDailyCredits !== undefined) return [];
  const open = (discord !== undefined || slack !== undefined) && allowedTenants === undefined;
  const who = open ? "everybody, wherever the bot is added," : "everybody together";
  return [`GLOBAL_DAILY_CREDITS is not set: there is no limit to what ${who} may spend at paid services in a day.`];
}
