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

export function commandEvent(body: SlashCommand, respond: RespondFn, fallback: string): SlackEvent {
  return {
    ...unknownMember(fallback),
    team: body.team_id,
    user: body.user_id,
    name: body.user_name,
    channel: body.channel_id,
    thread: undefined, // slash commands do not exist in threads
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond,
  };
}

export function shortcutEvent(body: GlobalShortcut, fallback: string): SlackEvent {
  return {
    ...whoOf(body, fallback),
    channel: undefined,
    thread: undefined,
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond: undefined,
  };
}

export function messageShortcutEvent(body: MessageShortcut, respond: RespondFn, fallback: string): SlackEvent {
  return {
    ...whoOf(body, fallback),
    channel: body.channel.id,
    thread: threadOf(body.message),
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond,
  };
}

export function buttonEvent(body: BlockAction, respond: RespondFn | undefined, fallback: string): SlackEvent {
  const who = whoOf(body, fallback);
  const { channel, message } = body;
  const pressed = body.actions[0];
  const place = [message?.ts ?? body.container.message_ts ?? body.view?.id, pressed?.action_id];
  return {
    ...who,
    channel: channel?.id,
    thread: message ? threadOf(message) : body.container.thread_ts,
    trigger: body.trigger_id,
    inbound: ["slack", who.team, who.user, pressed?.action_ts, ...place].join(":"),
    respond,
  };
}

/** `where` is what the form knows about the conversation. */
export function formEvent(
  body: ViewSubmitAction,
  where: Pick<SlackEvent, "channel" | "thread">,
  respond: RespondFn | undefined,
  fallback: string,
): SlackEvent {
  return {
    ...whoOf(body, fallback),
    channel: where.channel,
    thread: where.thread,
    trigger: body.trigger_id,
    inbound: `slack:${body.view.id}`, // one form makes one job
    respond,
  };
}

/** A message that a member wrote to the app. */
export interface Written {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  readonly thread: string | undefined;
  readonly ts: string;
}

/** The message itself is the key: Slack may report it as a mention and as a message, and each of them again. */
export function messageEvent(written: Written, fallback: string): SlackEvent {
  const { ts, ...who } = written;
  return {
    ...unknownMember(fallback),
    ...who,
    name: "",
    trigger: undefined,
    inbound: `slack:${who.team}:${who.channel}:${ts}`,
    respond: undefined,
  };
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

function whoOf(body: InteractiveBody, fallback: string) {
  const { user, team, enterprise } = body;
  return {
    ...unknownMember(fallback),
    team: team?.id ?? user.team_id ?? enterprise?.id ?? "", // `team` is null where an app is installed for an enterprise
    user: user.id,
    name: ("name" in user ? user.name : undefined) ?? ("username" in user ? user.username : undefined) ?? user.id,
  };
}

/** The head of a thread names itself: an answer to it is not meant for the thread. */
function threadOf({ ts, thread_ts }: { ts?: string; thread_ts?: string }): string | undefined {
  return thread_ts === ts ? undefined : thread_ts;
}
