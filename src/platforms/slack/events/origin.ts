import type { Origin } from "../api/tokens.ts";

/** The part of an event's envelope that tells where the app is installed. */
interface EventBody {
  readonly team_id?: string | null;
  readonly enterprise_id?: string | null;
  readonly context_team_id?: string | null;
  readonly context_enterprise_id?: string | null;
  readonly is_ext_shared_channel?: boolean;
  readonly authorizations?:
    | readonly {
        readonly team_id?: string | null;
        readonly enterprise_id?: string | null;
        readonly is_enterprise_install?: boolean;
      }[]
    | null;
  readonly event?: { readonly channel?: unknown };
}

/**
 * In a channel that organisations share, `team_id` may be that of whoever wrote: `authorizations` names the workspace in
 * which the app is installed, and `context_team_id` the one whose event it is.
 */
export function eventOrigin(envelope: object): Origin {
  const body: EventBody = envelope;
  const authorizations = body.authorizations ?? [];
  const authorized = authorizations.flatMap(({ team_id }) => team_id ?? []);
  const channel = body.event?.channel;
  return {
    teams: distinct([...authorized, body.context_team_id, body.team_id]),
    organisation: organisationIn([
      ...authorizations.map(({ enterprise_id }) => enterprise_id),
      body.context_enterprise_id,
      body.enterprise_id,
    ]),
    authorized: authorized.length > 0 ? authorized : undefined,
    channel: typeof channel === "string" ? channel : undefined,
    shared: body.is_ext_shared_channel === true,
  };
}

export function commandOrigin(body: {
  readonly team_id?: string | undefined;
  readonly enterprise_id?: string | undefined;
  readonly channel_id?: string | undefined;
}): Origin {
  return {
    teams: distinct([body.team_id]),
    organisation: organisationIn([body.enterprise_id]),
    channel: body.channel_id,
  };
}

/** The body of a press, a choice or a submission; the library's types leave out half of it. */
interface InteractiveBody {
  readonly api_app_id?: string;
  readonly team?: { readonly id?: string; readonly enterprise_id?: string } | null;
  readonly enterprise?: { readonly id?: string } | null;
  readonly user: { readonly team_id?: string };
  readonly channel?: { readonly id?: string } | null;
  readonly view?: {
    readonly app_installed_team_id?: string | null;
    readonly private_metadata?: string;
    readonly team_id?: string | null;
  };
  readonly message?: object;
}

/** `team` and `user.team_id` are those of the member, who may belong to another organisation. */
export function interactiveOrigin(body: object): Origin {
  const { api_app_id, team, enterprise, user, channel, view, message } = body as InteractiveBody;
  const member = [team?.id, user.team_id];
  const teams = [view?.app_installed_team_id, formTeam(view?.private_metadata), ...ownTeams(message, api_app_id)];
  return {
    teams: distinct([...teams, ...member, view?.team_id]),
    organisation: organisationIn([enterprise?.id, team?.enterprise_id]),
    channel: channel?.id,
  };
}

/** The workspace that a message of ours was posted in by. */
function ownTeams(message: object | undefined, app: string | undefined): (string | undefined)[] {
  const { app_id, team, bot_profile } = (message ?? {}) as {
    readonly app_id?: string;
    readonly team?: string;
    readonly bot_profile?: { readonly app_id?: string; readonly team_id?: string };
  };
  const ours = app !== undefined && (app_id ?? bot_profile?.app_id) === app;
  return ours ? [bot_profile?.team_id, team] : [];
}

/** The workspace by whose token a form was opened; the form remembers it. */
function formTeam(metadata: string | undefined): string | undefined {
  return /"team":"(\w+)"/.exec(metadata ?? "")?.[1];
}

/** Ids of organisations stand where a workspace is not told: they are never one. */
function distinct(teams: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(teams.filter((team): team is string => Boolean(team) && !isOrganisation(team ?? "")))];
}

function organisationIn(ids: readonly (string | null | undefined)[]): string | undefined {
  return ids.find((id): id is string => Boolean(id));
}

function isOrganisation(id: string): boolean {
  return id.startsWith("E");
}
