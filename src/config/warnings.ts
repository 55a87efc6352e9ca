import type { Config } from "./config.ts";

/** Sentences for the log at the start about what the configuration allows and an operator hardly means. */
export function warningsOf(config: Config): string[] {
  return [...limitWarnings(config), ...proxyWarnings(config)];
}

function limitWarnings({ providers, globalDailyCredits, allowedTenants, discord, slack }: Config): string[] {
  const paid = providers.some(({ definition }) => definition.needsKey);
  if (!paid || globalDailyCredits !== undefined) return [];
  const open = (discord !== undefined || slack !== undefined) && allowedTenants === undefined;
  const who = open ? "everybody, wherever the bot is added," : "everybody together";
  return [`GLOBAL_DAILY_CREDITS is not set: there is no limit to what ${who} may spend at paid services in a day.`];
}

/** The libraries of Discord and Slack offer no way through a proxy for their event connections. */
function proxyWarnings({ proxies, discord, slack, spool }: Config): string[] {
  const direct = [discord && "Discord", slack && "Slack", spool && "SPOOL_URL"].filter((name) => name !== undefined);
  if (!proxies || direct.length === 0) return [];
  return [`HTTPS_PROXY is used for image services and downloads; ${direct.join(" and ")} must be reachable directly.`];
}
