import type { Cache } from "../../../world.ts";
import { faultOf, notInstalled } from "./faults.ts";
import type { Installation, Installations } from "./installations.ts";

/** The place where something happened, as far as Slack tells: the workspace in which the app is installed is one of `teams`. */
export interface Origin {
  /** The likeliest first. */
  readonly teams: readonly string[];
  /** The Enterprise Grid organisation, which may have installed the app for all its workspaces. */
  readonly organisation?: string | undefined;
  /** The installations that Slack names as those to which it sends this; no others may act on it. */
  readonly authorized?: readonly string[] | undefined;
  readonly channel?: string | undefined;
  /** The channel is shared with another organisation. */
  readonly shared?: boolean | undefined;
}

/** The tokens by which Slack is called. */
export interface Tokens {
  get(team: string): Promise<string>;
  /** As in Workspaces. */
  installation(team: string): Promise<string>;
  /** `place` is a workspace, or an organisation for all its workspaces. */
  put(place: string, installation: Installation): Promise<void>;
  /** The workspaces that are without the app now; none when it is known already, or a newer token has taken its place. */
  forget(place: string, token: string | undefined, at: number): Promise<readonly string[]>;
  /** As in Workspaces. */
  resolve(origin: Origin): Promise<string | undefined>;
  load(): Promise<void>;
  all(): Promise<ReadonlyMap<string, string>>;
  isRevoked(): boolean;
}

/** Says whose a token is. */
export interface Identity {
  /** Undefined when it is an organisation's. */
  readonly team?: string | undefined;
  readonly organisation?: string | undefined;
}

/**
 * One workspace, whose token the operator gave: once it is revoked, Slack is not asked any more until the next start.
 * `identify` asks Slack whose token it is.
 */
export function oneToken(token: string, identify: () => Promise<Identity>): Tokens {
  let revoked = false;
  let known: Identity | undefined;
  /** The workspaces of an organisation from which something came. */
  const seen = new Set<string>();
  const identity = async () => {
    known ??= await identify();
    return known;
  };
  /** When Slack does not tell whose token it is, the event of another workspace must not switch this one off. */
  const isOwn = async (place: string) => {
    try {
      const { team, organisation } = await identity();
      return place === team || place === organisation;
    } catch (error) {
      return faultOf(error) === "revoked";
    }
  };
  return {
    async get() {
      if (revoked) throw notInstalled();
      return token;
    },
    async installation(team) {
      const known = await identity().catch((): Identity => ({}));
      return known.team ?? known.organisation ?? team;
    },
    put: async () => undefined,
    async forget(place, lost) {
      if (revoked || (lost === undefined && !(await isOwn(place)))) return [];
      revoked = true;
      return seen.size > 0 ? [...seen] : [place];
    },
    async resolve({ teams, authorized }) {
      const { team, organisation } = revoked ? {} : await identity().catch((): Identity => ({}));
      const [first] = teams;
      if (team !== undefined) return authorized && !authorized.includes(team) ? undefined : team;
      if (organisation !== undefined && first !== undefined) seen.add(first);
      return first;
    },
    load: async () => void (await identity()),
    all: async () => new Map([["", token]]),
    isRevoked: () => revoked,
  };
}

const rememberMs = 30 * 24 * 60 * 60_000;

/** Tokens of as many workspaces and organisations as install the app. */
export function manyTokens(installations: Installations, cache: Cache, now: () => number): Tokens {
  const known = rememberedInstallations(installations);

  async function firstInstalled({ teams, organisation, channel }: Origin): Promise<string | undefined> {
    for (const team of teams) if (await known.serving(team)) return team;
    const [team] = teams;
    if (team !== undefined && organisation !== undefined && (await known.get(organisation))) {
      await known.put(team, { organisation, installedAt: now() });
      return team;
    }
    return channel === undefined ? undefined : cache.get<string>(`slack:channel:${channel}`);
  }

  return {
    put: known.put,
    installation: async (team) => (await known.get(team))?.organisation ?? team,
    async get(team) {
      const token = (await known.serving(team))?.token;
      if (token === undefined) throw notInstalled();
      return token;
    },
    async forget(place, token, at) {
      const owner = (await known.getAnew(place))?.organisation ?? place;
      const kept = await known.getAnew(owner);
      if (!kept || kept.installedAt > at || (token !== undefined && kept.token !== token)) return [];
      const served = await known.servedBy(owner);
      for (const one of [owner, ...served]) await known.remove(one);
      return served.length > 0 ? served : [owner];
    },
    async resolve(origin) {
      const team = await firstInstalled(origin);
      const { channel, shared } = origin;
      if (team !== undefined && channel !== undefined && shared)
        await cache.set(`slack:channel:${channel}`, team, rememberMs);
      return team ?? origin.teams[0];
    },
    load: known.load,
    all: async () =>
      new Map(
        [...(await installations.all())].flatMap(([place, { token }]) => (token === undefined ? [] : [[place, token]])),
      ),
    isRevoked: () => false,
  };
}

/** The store is asked once for each installation; one that is not there is looked for each time. */
function rememberedInstallations(installations: Installations) {
  const known = new Map<string, Installation>();

  async function get(place: string): Promise<Installation | undefined> {
    const installation = known.get(place) ?? (await installations.get(place));
    if (installation) known.set(place, installation);
    return installation;
  }
  return {
    get,
    getAnew(place: string): Promise<Installation | undefined> {
      known.delete(place);
      return get(place);
    },
    /** The organisation's where the workspace has none of its own. */
    async serving(place: string): Promise<Installation | undefined> {
      const own = await get(place);
      return own?.organisation === undefined ? own : get(own.organisation);
    },
    async put(place: string, installation: Installation): Promise<void> {
      await installations.put(place, installation);
      known.set(place, installation);
    },
    async remove(place: string): Promise<void> {
      known.delete(place);
      await installations.remove(place);
    },
    /** The workspaces that have only their organisation's. */
    async servedBy(organisation: string): Promise<readonly string[]> {
      return [...(await installations.all())]
        .filter(([, one]) => one.organisation === organisation)
        .map(([team]) => team);
    },
    async load(): Promise<void> {
      for (const [place, installation] of await installations.all()) known.set(place, installation);
    },
  };
}
