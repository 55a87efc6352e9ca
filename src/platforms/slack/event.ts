import type { BlockAction, GlobalShortcut, RespondFn, SlashCommand, ViewSubmitAction } from "@slack/bolt";
import type { Caller } from "../../usecases/usecases.ts";
import { type Place, writePlace } from "./place.ts";

/** Something that a member did in Slack, in the same words for every kind of payload. */
export interface Asked {
  readonly team: string;
  readonly user: string;
  readonly name: string;
  readonly locale: string;
  /** The conversation in which it happened; the app may not be in there. */
  readonly channel: string | undefined;
  readonly thread: string | undefined;
  /** Opens one modal, within 3 s. */
  readonly trigger: string;
  /** The same when Slack sends the same event again. */
  readonly inbound: string;
  /** Answers there to the member alone, at most 5 times in 30 minutes. */
  readonly respond: RespondFn | undefined;
}

/** `fallback` is the language of members whose own Slack does not tell. */
export function askedByCommand(body: SlashCommand, respond: RespondFn, fallback: string): Asked {
  return {
    team: body.team_id,
    user: body.user_id,
    name: body.user_name,
    locale: localeIn(body) ?? fallback,
    channel: body.channel_id,
    thread: undefined, // slash commands do not exist in threads
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond,
  };
}

export function askedByShortcut(body: GlobalShortcut, fallback: string): Asked {
  return {
    ...whoOf(body, fallback),
    channel: undefined,
    thread: undefined,
    trigger: body.trigger_id,
    inbound: `slack:${body.trigger_id}`,
    respond: undefined,
  };
}

export function askedByButton(body: BlockAction, respond: RespondFn, fallback: string): Asked {
  const who = whoOf(body, fallback);
  const { channel, message } = body;
  const pressed = body.actions[0];
  return {
    ...who,
    channel: channel?.id,
    thread: message?.thread_ts === message?.ts ? undefined : message?.thread_ts, // the head of a thread names itself
    trigger: body.trigger_id,
    inbound: ["slack", who.team, who.user, pressed?.action_ts, message?.ts, pressed?.action_id].join(":"),
    respond,
  };
}

/** `where` is what the form knows about the conversation. */
export function askedByForm(
  body: ViewSubmitAction,
  where: Pick<Asked, "channel" | "thread">,
  respond: RespondFn | undefined,
  fallback: string,
): Asked {
  return {
    ...whoOf(body, fallback),
    channel: where.channel,
    thread: where.thread,
    trigger: body.trigger_id,
    inbound: `slack:${body.view.id}:${body.view.hash}`,
    respond,
  };
}

/** `slack:T1`, `slack:T1:U1`. */
export function callerOf(asked: Asked, place: Place): Caller {
  return {
    platform: "slack",
    tenant: `slack:${asked.team}`,
    member: memberKey(asked.team, asked.user),
    name: asked.name,
    locale: asked.locale,
    place: writePlace(place),
    inbound: asked.inbound,
  };
}

export function memberKey(team: string, user: string): string {
  return `slack:${team}:${user}`;
}

type InteractiveBody = GlobalShortcut | BlockAction | ViewSubmitAction;

function whoOf(body: InteractiveBody, fallback: string): Pick<Asked, "team" | "user" | "name" | "locale"> {
  const { user, team, enterprise } = body;
  return {
    team: team?.id ?? user.team_id ?? enterprise?.id ?? "", // `team` is null where an app is installed for an enterprise
    user: user.id,
    name: ("name" in user ? user.name : undefined) ?? ("username" in user ? user.username : user.id),
    locale: localeIn(user) ?? fallback,
  };
}

/** Slack seldom tells. */
function localeIn(facts: object): string | undefined {
  return "locale" in facts && typeof facts.locale === "string" ? facts.locale : undefined;
}
