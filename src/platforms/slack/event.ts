import type { RespondFn } from "@slack/bolt";
import type { Caller } from "../../contract/usecases.ts";
import type { MemberFacts } from "./api/members.ts";
import { memberKey } from "./keys.ts";
import { type ReplyTarget, writeReplyTarget } from "./messages/reply-target.ts";

/** Something that a member did in Slack, in the same words for every kind of payload. */
export interface SlackEvent {
  readonly team: string;
  readonly user: string;
  readonly name: string;
  readonly locale: string;
  /** The conversation in which it happened; the app may not be in there. */
  readonly channel: string | undefined;
  readonly thread: string | undefined;
  /** Opens one modal, within 3 s. */
  readonly trigger: string | undefined;
  /** The same when Slack sends the same event again. */
  readonly inbound: string;
  /** Answers there to the member alone, at most 5 times in 30 minutes. */
  readonly respond: RespondFn | undefined;
  readonly admin: boolean;
  readonly organisation?: string | undefined;
  readonly groups: readonly string[];
}

/** The facts of a member before Slack is asked; `fallback` is the language of the installation. */
export const unknownMember = (fallback: string) => ({ locale: fallback, admin: false, groups: [] }) as const;

/** The event with the facts that Slack gives about the member. */
export function withMember(event: SlackEvent, { locale, name, admin, organisation, groups }: MemberFacts): SlackEvent {
  return {
    ...event,
    locale: locale ?? event.locale,
    name: event.name || name || event.user,
    admin,
    organisation,
    groups,
  };
}

export function callerOf(event: SlackEvent, target: ReplyTarget): Caller {
  return {
    platform: "slack",
    tenant: `slack:${event.team}`,
    organisation: event.organisation,
    member: memberKey(event.team, event.user),
    name: event.name,
    locale: event.locale,
    replyTarget: writeReplyTarget(target),
    inbound: event.inbound,
    channel: event.channel,
    roles: event.groups,
    rights: event.admin ? "admin" : undefined,
  };
}
