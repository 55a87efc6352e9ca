import { WebClient } from "@slack/web-api";
import type { Log } from "../../world.ts";
import { type Content, note, under } from "./blocks.ts";
import { faultOf } from "./faults.ts";
import { boltLogger } from "./log.ts";
import { isElsewhere, type Place, type Spot } from "./place.ts";
import { wordsFor } from "./words.ts";

const timeoutMs = 15_000;

/** Slack's Web API, asked once: the library's own ten retries would post twice. */
export function slackClient(options: { botToken: string; apiUrl: string }, log: Log): WebClient {
  return new WebClient(options.botToken, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    logger: boltLogger(log),
  });
}

/** Posts where it was asked; to the member directly when it is private, or when the app is not in there. */
export async function post(client: WebClient, place: Place, content: Content, locale: string): Promise<Spot> {
  if (place.channel === undefined || place.private) return send(client, place.user, undefined, content);
  try {
    return await send(client, place.channel, place.thread, content);
  } catch (error) {
    if (faultOf(error) !== "elsewhere") throw error;
    return send(client, place.user, undefined, withInvitation(place, place.user, content, locale));
  }
}

/** Gives a message that `post` made another content; may be repeated. */
export async function rewrite(
  client: WebClient,
  place: Place,
  spot: Spot,
  content: Content,
  locale: string,
): Promise<void> {
  await client.chat.update({ ...spot, ...withInvitation(place, spot.channel, content, locale) });
}

async function send(client: WebClient, channel: string, thread: string | undefined, content: Content): Promise<Spot> {
  const unfurling = { unfurl_links: false, unfurl_media: false };
  const posted = await client.chat.postMessage({
    channel,
    ...content,
    ...unfurling,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  });
  return { channel: posted.channel ?? channel, ts: posted.ts ?? "" };
}

function withInvitation(place: Place, channel: string, content: Content, locale: string): Content {
  if (!isElsewhere(place, channel)) return content;
  return under(note(wordsFor(locale).notThere(`<#${place.channel}>`)), content);
}
