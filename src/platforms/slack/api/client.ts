import { WebClient } from "@slack/web-api";
import type { Log } from "../../../world.ts";
import { boltLogger } from "./log.ts";

const timeoutMs = 15_000;

/** Slack's Web API, asked once: the library's own ten retries would post twice. */
export function slackClient(token: string, apiUrl: string, log: Log): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    logger: boltLogger(log),
  });
}

/** Is it at the API's own host or below it (files.slack.com for slack.com), by the same protocol? */
export function belongsToSlack(url: string, apiUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const [there, api] = [new URL(url), new URL(apiUrl)];
  return there.protocol === api.protocol && (there.host === api.host || there.hostname.endsWith(`.${api.hostname}`));
}
