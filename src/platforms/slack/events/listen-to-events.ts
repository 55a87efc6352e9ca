import type { App, EnvelopedEvent } from "@slack/bolt";
import { onStop } from "../agent/on-stop.ts";
import { suggestPrompts } from "../agent/prompts.ts";
import type { SlackContext } from "../context.ts";
import { isDirect } from "../messages/reply-target.ts";
import { messageEvent, stopEvent } from "./events.ts";
import type { Once } from "./listen.ts";
import { onMessage } from "./on-message.ts";
import { eventOrigin } from "./origin.ts";
import { readMessage } from "./read-message.ts";

/** Takes what Slack tells by itself: mentions, direct messages, opened homes, and that the app was removed. */
export function listenToEvents(app: App, slack: SlackContext, once: Once): void {
  const { locale } = slack.options;
  const take = (event: object, body: EnvelopedEvent): Promise<void> => {
    const read = readMessage(event);
    if (!read) return Promise.resolve();
    const { written, edited, ...parts } = read;
    const message = { ...parts, app: appIn(body), ts: written.ts, changed: edited !== undefined };
    return once({
      origin: eventOrigin(body),
      event: (team) => messageEvent(team, written, locale),
      edition: edited,
      hurried: false,
      work: (event) => onMessage(slack, message, event),
    });
  };
  app.event("app_mention", ({ event, body }) => take(event, body));
  app.event("message", async ({ event, body }) => {
    const { channel_type, channel } = event;
    if (channel_type === "im" || (channel_type === undefined && isDirect(channel))) await take(event, body);
  });
  app.event("app_home_opened", async ({ event, body }) => {
    const team = await slack.workspaces.resolve(eventOrigin(body));
    if (team === undefined) return;
    const { user, channel, tab } = event;
    await (tab === "messages" ? suggestPrompts(slack, { team, user, channel }) : slack.home.opened(team, user));
  });
  app.event("agent_session_stopped", ({ event, body }) =>
    once({
      origin: eventOrigin(body),
      event: (team) => stopEvent(team, event, locale),
      hurried: false,
      work: (stopped) => onStop(slack, stopped),
    }),
  );
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

/** The app's own user id there. */
function appIn(body: Pick<EnvelopedEvent, "authorizations">): string | undefined {
  return body.authorizations?.find(({ is_bot }) => is_bot)?.user_id;
}
