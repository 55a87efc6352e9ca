import type { PlatformContext } from "../../platform.ts";
import { groupKey } from "../keys.ts";
import { codeOf, faultOf } from "./faults.ts";
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

/** Who members are; each answer is remembered for a short time. Never throws: facts that Slack does not give are missing. */
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
const rememberMs = 24 * 60 * 60_000;
const patienceMs = 500;

const nobody: MemberFacts = { admin: false, groups: [] };

interface Dated<Value> {
  readonly at: number;
  readonly value: Value;
}

type KnownMember = Pick<MemberFacts, "locale" | "name" | "admin" | "organisation">;

/** User groups by id. */
type Groups = Readonly<Record<string, { readonly handle: string | undefined; readonly users: readonly string[] }>>;

export function createMembers(workspaces: Workspaces, context: PlatformContext): Members {
  const { cache, world, log } = context;
  const asking = new Map<string, Promise<unknown>>();

  /** Many who want to know the same at the same time ask once. */
  function askOnce<Value>(key: string, ask: () => Promise<Value>): Promise<Value> {
    const known = asking.get(key) as Promise<Value> | undefined;
    if (known) return known;
    const pending = ask().finally(() => asking.delete(key));
    asking.set(key, pending);
    return pending;
  }

  /** `now` is the note if it is fresh, else what `ask` says; `old` is the note at any age. */
  async function remembered<Value>(key: string, maxAgeMs: number, ask: () => Promise<Value>) {
    const note = await cache.get<Dated<Value>>(key);
    if (note && world.now() - note.at < maxAgeMs) return { now: note.value, old: note.value };
    const refusedAt = await cache.get<number>(`${key}:refused`);
    if (refusedAt !== undefined && world.now() - refusedAt < maxAgeMs) return { now: undefined, old: note?.value };
    try {
      const value = await askOnce(key, ask);
      await cache.set(key, { at: world.now(), value } satisfies Dated<Value>, rememberMs);
      return { now: value, old: value };
    } catch (err) {
      log.info({ key, err }, "Slack does not tell who a member is");
      if (isRefusal(err)) await cache.set(`${key}:refused`, world.now(), maxAgeMs);
      return { now: undefined, old: note?.value };
    }
  }

  const memberFacts = (team: string, user: string) =>
    remembered<KnownMember>(`slack:member:${team}:${user}`, freshMs, async () => {
      const answer = await workspaces.call(team, { method: "users.info", patienceMs: 0 }, (client) =>
        client.users.info({ user, include_locale: true }),
      );
      const { locale, profile, name } = answer.user ?? {};
      return {
        locale,
        name: profile?.display_name || profile?.real_name || name,
        admin: manages(answer.user ?? {}, team),
        organisation: organisationOf(answer.user ?? {}, team),
      };
    });

  const groupsIn = (team: string) =>
    remembered<Groups>(`slack:user-groups:${team}`, groupsFreshMs, async () => {
      const answer = await workspaces.call(
        team,
        { method: "usergroups.list", patienceMs: 0 },
        (client) => client.usergroups.list({ include_users: true, team_id: team }), // which workspace, an organisation's token does not tell
      );
      return Object.fromEntries(
        (answer.usergroups ?? []).map(({ id = "", users = [], handle, name }) => [
          id,
          { handle: handle ?? name, users },
        ]),
      );
    });

  /** Slack is asked for user groups only where one can make a difference. */
  const groupsMatter = async (team: string) => {
    const answer = await remembered(`slack:groups-matter:${team}`, freshMs, async () => {
      return (await context.namesRoles?.(`slack:${team}`)) ?? true;
    });
    return answer.now ?? true;
  };

  async function facts(team: string, user: string): Promise<MemberFacts> {
    const groupsThatMatter = async () => ((await groupsMatter(team)) ? (await groupsIn(team)).old : undefined);
    const [who, groups] = await Promise.all([memberFacts(team, user), groupsThatMatter()]);
    const mine = Object.entries(groups ?? {}).filter(([, { users }]) => users.includes(user));
    return {
      locale: who.old?.locale,
      name: who.old?.name,
      admin: who.now?.admin ?? false,
      organisation: who.now?.organisation,
      groups: mine.map(([group]) => groupKey(team, group)),
    };
  }

  return {
    facts,
    name: async (team, user) => (await memberFacts(team, user)).old?.name,
    groupName: async (team, group) => (await groupsIn(team)).old?.[group]?.handle,
    async quickly(team, user) {
      const stop = new AbortController();
      const late = world.sleep(patienceMs, stop.signal).then(async (): Promise<MemberFacts> => {
        const note = await cache.get<Dated<KnownMember>>(`slack:member:${team}:${user}`);
        return note ? { ...nobody, locale: note.value.locale } : nobody;
      });
      return Promise.race([facts(team, user), late]).finally(() => stop.abort());
    },
  };
}

const passing =
  /^(ratelimited|rate_limited|internal_error|fatal_error|service_unavailable|request_timeout|not_authed)$/;

/** A scope that the app lacks, a plan that has no user groups: the answer will be the same for a while. */
function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !passing.test(code) && faultOf(error) !== "revoked";
}

/** The answer of `users.info`; the library's types leave out that somebody is a stranger. */
interface SlackUser {
  readonly team_id?: string;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly enterprise_id?: string; readonly teams?: readonly string[] };
}

/** Who manages another workspace, or left this one, has no rights here. */
function manages(user: SlackUser, team: string): boolean {
  return belongs(user, team) && Boolean(user.is_admin || user.is_owner);
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
