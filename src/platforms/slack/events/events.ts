import type {
  BlockAction,
  GlobalShortcut,
  MessageShortcut,
  RespondFn,
  SlashCommand,
  ViewSubmitAction,
} from "@slack/bolt";
import type { MemberFacts } from "../api/members.ts";
import { type SlackEvent, unknownMember, withMember } from "../event.ts";

/** Each makes an event of what happened in a workspace; `fallback` is the language of the installation. */
export type EventIn = (team: string) => SlackEvent;

export function commandEvent(team: string, body: SlashCommand, respond: RespondFn, fallback: string): SlackEvent {
  return {
    ...unknownMember(fallback),
    team,
    user: body.user_id,
    name: body.user_name,
    channel: body.channel_id,
    thread: undefined, // slash commands do not exist in threads
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id ?? body.response_url}`,
    respond,
  };
}

export function shortcutEvent(team: string, body: GlobalShortcut, fallback: string): SlackEvent {
  return {
    ...whoOf(team, body, fallback),
    channel: undefined,
    thread: undefined,
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond: undefined,
  };
}

export function messageShortcutEvent(
  team: string,
  body: MessageShortcut,
  respond: RespondFn,
  fallback: string,
): SlackEvent {
  const part: Partial<MessageShortcut> = body;
  return {
    ...whoOf(team, body, fallback),
    channel: part.channel?.id,
    thread: part.message && threadOf(part.message),
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond,
  };
}

export function buttonEvent(
  team: string,
  body: BlockAction,
  respond: RespondFn | undefined,
  fallback: string,
): SlackEvent {
  const who = whoOf(team, body, fallback);
  const { channel, message, view } = body;
  const container: Partial<BlockAction["container"]> = body.container ?? {};
  const pressed = body.actions[0];
  const when = pressed?.action_ts ?? body.trigger_id;
  const place = [message?.ts ?? container.message_ts ?? view?.id, pressed?.action_id];
  return {
    ...who,
    channel: channel?.id ?? container.channel_id,
    thread: message ? threadOf(message) : container.thread_ts,
    trigger: body.trigger_id,
    inbound: ["slack", who.team, who.user, when, ...place].join(":"),
    respond,
  };
}

/** `where` is what the form knows about the conversation. */
export function formEvent(
  team: string,
  body: ViewSubmitAction,
  where: Pick<SlackEvent, "channel" | "thread">,
  respond: RespondFn | undefined,
  fallback: string,
): SlackEvent {
  return {
    ...whoOf(team, body, fallback),
    channel: where.channel,
    thread: where.thread,
    trigger: body.trigger_id,
    inbound: `slack:${body.view.id}`, // one form makes one job
    respond,
  };
}

/** A message that a member wrote to the app. */
export interface Written {
  readonly user: string;
  readonly channel: string;
  readonly thread: string | undefined;
  readonly ts: string;
}

/** The message itself is the key: Slack may report it as a mention and as a message, and each of them again. */
export function messageEvent(team: string, written: Written, fallback: string): SlackEvent {
  const { ts, ...who } = written;
  return {
    ...unknownMember(fallback),
    ...who,
    team,
    name: "",
    trigger: undefined,
    inbound: `slack:${team}:${who.channel}:${ts}`,
    respond: undefined,
  };
}

/** A press of Stop in a thread with the app. */
export function stopEvent(
  team: string,
  stopped: { readonly user: string; readonly channel: string; readonly thread_ts: string; readonly event_ts: string },
  fallback: string,
): SlackEvent {
  const { user, channel, thread_ts: thread, event_ts } = stopped;
  const inbound = `slack:${team}:${channel}:stop:${event_ts}`;
  const none = { trigger: undefined, respond: undefined };
  return { ...unknownMember(fallback), ...none, team, user, name: "", channel, thread, inbound };
}

/** Somebody who looks at the app's own pages. */
export function appPageEvent(
  team: string,
  user: string,
  facts: MemberFacts,
  fallback: string,
  inbound: string,
): SlackEvent {
  const nowhere = { channel: undefined, thread: undefined, trigger: undefined, respond: undefined };
  return withMember({ ...unknownMember(fallback), ...nowhere, team, user, name: "", inbound }, facts);
}

type InteractiveBody = GlobalShortcut | MessageShortcut | BlockAction | ViewSubmitAction;

function whoOf(team: string, { user }: InteractiveBody, fallback: string) {
  return {
    ...unknownMember(fallback),
    team,
    user: user.id,
    name: ("name" in user ? user.name : undefined) ?? ("username" in user ? user.username : undefined) ?? user.id,
  };
}

/** The head of a thread names itself: an answer to it is not meant for the thread. */
function threadOf({ ts, thread_ts }: { ts?: string; thread_ts?: string }): string | undefined {
  return thread_ts === ts ? undefined : thread_ts;
}
