import type { App } from "@slack/bolt";
import type { SlackContext } from "../context.ts";
import { messageEvent, type Written } from "./events.ts";
import type { SlackFile } from "./incoming.ts";
import type { Once } from "./listen.ts";
import { onMessage, plainWords } from "./on-message.ts";

/** The part of a message event that the app goes by. */
interface MessageEvent {
  readonly user?: string;
  readonly text?: string;
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly subtype?: string;
  readonly bot_id?: string;
  readonly channel_type?: string;
  readonly files?: readonly SlackFile[];
}

/** Takes what Slack tells by itself: mentions, direct messages, opened homes, and that the app was removed. */
export function listenToEvents(app: App, slack: SlackContext, once: Once): void {
  const { locale } = slack.options;
  const take = (event: MessageEvent, team: string, app: string | undefined): Promise<void> => {
    const written = writtenBy(event, team);
    if (!written) return Promise.resolve();
    const message = { words: plainWords(event.text ?? "", app), files: event.files ?? [] };
    return once({
      asked: messageEvent(written, locale),
      hurried: false,
      work: (event) => onMessage(slack, message, event),
    });
  };
  app.event("app_mention", ({ event, body }) => take(event as MessageEvent, body.team_id, appIn(body)));
  app.event("message", async ({ event, body }) => {
    const message = event as unknown as MessageEvent;
    if (message.channel_type === "im") await take(message, body.team_id, appIn(body));
  });
  app.event("app_home_opened", async ({ event, body }) => {
    if (event.tab === "home") await slack.home.opened(body.team_id, event.user);
  });
  app.event("app_uninstalled", ({ body }) => slack.workspaces.removed(body.team_id, body.event_time * 1000));
  app.event("tokens_revoked", async ({ event, body }) => {
    if ((event.tokens.bot ?? []).length > 0) await slack.workspaces.removed(body.team_id, body.event_time * 1000);
  });
}

/** Undefined when a bot wrote it, or it is no new message. */
function writtenBy(event: MessageEvent, team: string): Written | undefined {
  const { user, bot_id, subtype, channel, ts, thread_ts } = event;
  if (!user || bot_id !== undefined || (subtype !== undefined && subtype !== "file_share")) return undefined;
  return { team, user, channel, ts, thread: thread_ts === ts ? undefined : thread_ts };
}

/** The app's own user id there. */
function appIn(body: { authorizations?: { user_id: string; is_bot: boolean }[] }): string | undefined {
  return body.authorizations?.find(({ is_bot }) => is_bot)?.user_id;
}
