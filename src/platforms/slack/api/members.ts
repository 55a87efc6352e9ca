import type { PlatformContext } from "../../platform.ts";
import { groupKey } from "../keys.ts";
import { rememberedFacts } from "./remembered-facts.ts";
import type { Workspaces } from "./workspaces.ts";

/** A member as Slack describes them. */
export interface MemberFacts {
  /** BCP 47. */
  readonly locale?: string | undefined;
  /** As people there call them. */
  readonly name?: string | undefined;
  readonly admin: boolean;
  /** Key of the organisation that their workspace is part of. */
  readonly organisation?: string | undefined;
  /** Keys of the user groups that they are in. */
  readonly groups: readonly string[];
}

/** Knows who members are; each answer is remembered for a short time. Never throws: facts that Slack does not give are missing. */
export interface Members {
  /** In half a second at the latest, for work that cannot wait. */
  quickly(team: string, user: string): Promise<MemberFacts>;
  facts(team: string, user: string): Promise<MemberFacts>;
  /** As people there call them. */
  name(team: string, user: string): Promise<string | undefined>;
  groupName(team: string, group: string): Promise<string | undefined>;
}

/** Rights that were taken away must not last. */
const freshMs = 60_000;
const groupsFreshMs = 300_000;
const patienceMs = 500;

const nobody: MemberFacts = { admin: false, groups: [] };

type KnownMember = Pick<MemberFacts, "locale" | "name" | "admin" | "organisation">;

/** User groups by id. */
type Groups = Readonly<Record<string, { readonly handle: string | undefined; readonly users: readonly string[] }>>;

export function createMembers(workspaces: Workspaces, context: PlatformContext): Members {
  const { world } = context;
  const profiles = rememberedFacts<KnownMember>(context);
  const groups = createGroups(workspaces, context);
  const profileKey = (team: string, user: string) => `slack:member:${team}:${user}`;
  const profile = (team: string, user: string) =>
    profiles.get(profileKey(team, user), freshMs, () => askWho(workspaces, team, user));

  async function facts(team: string, user: string): Promise<MemberFacts> {
    const [who, keys] = await Promise.all([profile(team, user), groups.keysOf(team, user)]);
    return {
      locale: who.old?.locale,
      name: who.old?.name,
      admin: who.now?.admin ?? false,
      organisation: who.now?.organisation,
      groups: keys,
    };
  }

  return {
    facts,
    name: async (team, user) => (await profile(team, user)).old?.name,
    groupName: groups.handle,
    async quickly(team, user) {
      const stop = new AbortController();
      const late = world.sleep(patienceMs, stop.signal).then(async (): Promise<MemberFacts> => {
        return { ...nobody, locale: (await profiles.peek(profileKey(team, user)))?.locale };
      });
      return Promise.race([facts(team, user), late]).finally(() => stop.abort());
    },
  };
}

async function askWho(workspaces: Workspaces, team: string, user: string): Promise<KnownMember> {
  const { user: who = {} } = await workspaces.call(team, { method: "users.info", patienceMs: 0 }, (client) =>
    client.users.info({ user, include_locale: true }),
  );
  return {
    locale: who.locale,
    name: who.profile?.display_name || who.profile?.real_name || who.name,
    admin: manages(who, team, (await workspaces.installation(team)) === team),
    organisation: organisationOf(who, team),
  };
}

/** The user groups of each workspace. */
function createGroups(workspaces: Workspaces, context: PlatformContext) {
  const lists = rememberedFacts<Groups>(context);
  const whetherTheyMatter = rememberedFacts<boolean>(context);
  const list = (team: string) =>
    lists.get(`slack:user-groups:${team}`, groupsFreshMs, () => askGroups(workspaces, team));
  const matter = async (team: string) => {
    const named = async () => (await context.namesRoles?.(`slack:${team}`)) ?? true;
    return (await whetherTheyMatter.get(`slack:groups-matter:${team}`, freshMs, named)).now ?? true;
  };
  return {
    handle: async (team: string, group: string) => (await list(team)).old?.[group]?.handle,
    /** Slack is asked for user groups only where one can make a difference. */
    async keysOf(team: string, user: string): Promise<string[]> {
      const groups = (await matter(team)) ? (await list(team)).old : undefined;
      return Object.entries(groups ?? {})
        .filter(([, { users }]) => users.includes(user))
        .map(([group]) => groupKey(team, group));
    },
  };
}

async function askGroups(workspaces: Workspaces, team: string): Promise<Groups> {
  const { usergroups = [] } = await workspaces.call(
    team,
    { method: "usergroups.list", patienceMs: 0 },
    (client) => client.usergroups.list({ include_users: true, team_id: team }), // which workspace, an organisation's token does not tell
  );
  return Object.fromEntries(
    usergroups.map(({ id = "", users = [], handle, name }) => [id, { handle: handle ?? name, users }]),
  );
}

/** The answer of `users.info`; the library's types leave out that somebody is a stranger. */
interface SlackUser {
  readonly team_id?: string;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: {
    readonly enterprise_id?: string;
    readonly teams?: readonly string[];
    readonly is_admin?: boolean;
    readonly is_owner?: boolean;
  };
}

/**
 * Who manages another workspace, or left this one, has no rights here. To the token of an organisation (not `own`), Slack
 * tells who manages a member's first workspace, and who the organisation.
 */
function manages(user: SlackUser, team: string, own: boolean): boolean {
  const managers = own || user.team_id === team ? [user] : [];
  const all = own ? managers : [...managers, user.enterprise_user];
  return belongs(user, team) && all.some((one) => one?.is_admin || one?.is_owner);
}

function belongs({ team_id, deleted, is_bot, is_stranger, enterprise_user }: SlackUser, team: string): boolean {
  if (deleted || is_bot || is_stranger) return false;
  return team_id === team || (enterprise_user?.teams?.includes(team) ?? false);
}

/** Only of members of the workspace itself: a guest from another organisation says nothing about this one. */
function organisationOf(user: SlackUser, team: string): string | undefined {
  const id = user.enterprise_user?.enterprise_id;
  return id !== undefined && belongs(user, team) ? `slack:${id}` : undefined;
}
