import type { RespondFn } from "@slack/bolt";
import type { Caller } from "../../contract/usecases.ts";
import type { MemberFacts } from "./api/members.ts";
import { memberKey } from "./keys.ts";
import { type Place, writePlace } from "./showing/place.ts";

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
  readonly trigger: string | undefined;
  /** The same when Slack sends the same event again. */
  readonly inbound: string;
  /** Answers there to the member alone, at most 5 times in 30 minutes. */
  readonly respond: RespondFn | undefined;
  readonly admin: boolean;
  readonly groups: readonly string[];
}

/** What is not known of a member before Slack is asked; `fallback` is the language of the installation. */
export const unknown = (fallback: string) => ({ locale: fallback, admin: false, groups: [] }) as const;

/** With what Slack tells of the member. */
export function knowing(asked: Asked, { locale, name, admin, groups }: MemberFacts): Asked {
  return { ...asked, locale: locale ?? asked.locale, name: asked.name || name || asked.user, admin, groups };
}

export function callerOf(asked: Asked, place: Place): Caller {
  return {
    platform: "slack",
    tenant: `slack:${asked.team}`,
    member: memberKey(asked.team, asked.user),
    name: asked.name,
    locale: asked.locale,
    place: writePlace(place),
    inbound: asked.inbound,
    channel: asked.channel,
    roles: asked.groups,
    rights: asked.admin ? "admin" : undefined,
  };
}
