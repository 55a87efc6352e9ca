import type { App, EnvelopedEvent } from "@slack/bolt";
import type { SlackContext } from "../context.ts";
import { isDirect } from "../showing/reply-target.ts";
import { messageEvent, type Written } from "./events.ts";
import type { SlackFile } from "./incoming.ts";
import type { Once } from "./listen.ts";
import { onMessage, plainWords } from "./on-message.ts";
import { eventOrigin } from "./origin.ts";

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
  const take = (event: MessageEvent, body: EnvelopedEvent): Promise<void> => {
    const written = writtenBy(event);
    if (!written) return Promise.resolve();
    const message = { words: plainWords(event.text ?? "", appIn(body)), files: event.files ?? [] };
    return once({
      origin: eventOrigin(body),
      event: (team) => messageEvent(team, written, locale),
      hurried: false,
      work: (event) => onMessage(slack, message, event),
    });
  };
  app.event("app_mention", ({ event, body }) => take(event as MessageEvent, body));
  app.event("message", async ({ event, body }) => {
    const message = event as unknown as MessageEvent;
    if (message.channel_type === "im" || isDirect(message.channel)) await take(message, body);
  });
  app.event("app_home_opened", async ({ event, body }) => {
    if (event.tab === "messages") return;
    const team = await slack.workspaces.resolve(eventOrigin(body));
    if (team !== undefined) await slack.home.opened(team, event.user);
  });
  app.event("app_uninstalled", ({ body }) => slack.workspaces.removed(removedFrom(body), timeOf(slack, body)));
  app.event("tokens_revoked", async ({ event, body }) => {
    if ((event.tokens?.bot ?? []).length > 0) await slack.workspaces.removed(removedFrom(body), timeOf(slack, body));
  });
}

/** The workspace, or the organisation that had installed the app for all of them. */
function removedFrom({ team_id, enterprise_id }: Partial<EnvelopedEvent>): string {
  return team_id || enterprise_id || "";
}

function timeOf({ context }: SlackContext, { event_time }: Partial<EnvelopedEvent>): number {
  return event_time === undefined ? context.world.now() : event_time * 1000;
}

/** Undefined when a bot wrote it, or it is no new message. */
function writtenBy(event: MessageEvent): Written | undefined {
  const { user, bot_id, subtype, channel, ts, thread_ts } = event;
  if (!user || bot_id !== undefined || (subtype !== undefined && subtype !== "file_share")) return undefined;
  return { user, channel, ts, thread: thread_ts === ts ? undefined : thread_ts };
}

/** The app's own user id there. */
function appIn(body: Pick<EnvelopedEvent, "authorizations">): string | undefined {
  return body.authorizations?.find(({ is_bot }) => is_bot)?.user_id;
}
