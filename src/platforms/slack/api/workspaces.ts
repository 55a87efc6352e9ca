import type { WebClient } from "@slack/web-api";
import type { PlatformContext } from "../../platform.ts";
import type { SlackOptions } from "../options.ts";
import { slackClient } from "./client.ts";
import { faultOf, notInstalled } from "./faults.ts";
import { createInstallations, type Installation, type Installations } from "./installations.ts";
import { createPacer } from "./pacer.ts";

/** How a call is made. */
export interface How {
  readonly method: string;
  /** New messages are counted by channel. */
  readonly channel?: string | undefined;
  /** Calls with the same order keep it. */
  readonly order?: string | undefined;
  /** How long Slack may make us wait; 10 s unless said otherwise. */
  readonly patienceMs?: number | undefined;
}

/** Slack's Web API in every workspace that the app is installed in. */
export interface Workspaces {
  /** Throws what the Web API throws; a token that is no longer good ends the installation before that. */
  call<Answer>(team: string, how: How, work: (client: WebClient) => Promise<Answer>): Promise<Answer>;
  /** Throws as when the app is not installed. */
  token(team: string): Promise<string>;
  /** A member has installed the app. */
  installed(team: string, token: string): Promise<void>;
  /** The app was removed, unless it was installed again after `at` (milliseconds since 1970). */
  removed(team: string, at: number): Promise<void>;
  /** Knows all installations from now on without asking the store. */
  load(): Promise<void>;
  /** Every workspace with its token, for a check. */
  all(): Promise<ReadonlyMap<string, string>>;
  /** The one workspace that there is, when it has removed the app. */
  isRevoked(): boolean;
}

const usualPatienceMs = 10_000;

export function createWorkspaces(options: SlackOptions, context: PlatformContext): Workspaces {
  const pacer = createPacer(context.world);
  const tokens = options.botToken === undefined ? manyTokens(context) : oneToken(options.botToken);
  const clients = new Map<string, WebClient>();

  const clientFor = (token: string): WebClient => {
    const known = clients.get(token) ?? slackClient(token, options.apiUrl, context.log);
    clients.set(token, known);
    return known;
  };
  const leave = async (team: string, token: string | undefined, at: number) => {
    if (!(await tokens.forget(team, token, at))) return;
    if (token !== undefined) clients.delete(token);
    context.log.warn({ team }, "Slack: the app is no longer installed in this workspace");
    await context.usecases.tenantGone(`slack:${team}`);
  };

  return {
    async call(team, how, work) {
      const token = await tokens.get(team);
      try {
        return await pacer.run(laneOf(team, how), () => work(clientFor(token)), how.patienceMs ?? usualPatienceMs);
      } catch (error) {
        if (faultOf(error) === "revoked") {
          await leave(team, token, context.world.now()).catch((err: unknown) =>
            context.log.error({ team, err }, "Slack: a removed workspace could not be paused"),
          );
        }
        throw error;
      }
    },
    token: (team) => tokens.get(team),
    installed: (team, token) => tokens.put(team, { token, installedAt: context.world.now() }),
    removed: (team, at) => leave(team, undefined, at),
    load: () => tokens.load(),
    all: () => tokens.all(),
    isRevoked: () => tokens.isRevoked(),
  };
}

function laneOf(team: string, { method, channel, order }: How) {
  return { pace: `${team}:${method}:${channel ?? ""}`, order: order === undefined ? undefined : `${team}:${order}` };
}

interface Tokens {
  get(team: string): Promise<string>;
  put(team: string, installation: Installation): Promise<void>;
  /** False when there is nothing to forget: it is known already, or a newer token has taken its place. */
  forget(team: string, token: string | undefined, at: number): Promise<boolean>;
  load(): Promise<void>;
  all(): Promise<ReadonlyMap<string, string>>;
  isRevoked(): boolean;
}

/** One workspace, whose token the operator gave: once it is revoked, Slack is not asked any more until the next start. */
function oneToken(token: string): Tokens {
  let revoked = false;
  return {
    async get() {
      if (revoked) throw notInstalled();
      return token;
    },
    put: async () => undefined,
    async forget() {
      const known = revoked;
      revoked = true;
      return !known;
    },
    load: async () => undefined,
    all: async () => new Map([["", token]]),
    isRevoked: () => revoked,
  };
}

function manyTokens({ installations: store, seal }: PlatformContext): Tokens {
  if (!store) throw new Error("Slack in many workspaces needs a store for its installations.");
  const installations: Installations = createInstallations(store, seal);
  const known = new Map<string, Installation>();
  return {
    async get(team) {
      const installation = known.get(team) ?? (await installations.get(team));
      if (!installation) throw notInstalled();
      known.set(team, installation);
      return installation.token;
    },
    async put(team, installation) {
      await installations.put(team, installation);
      known.set(team, installation);
    },
    async forget(team, token, at) {
      known.delete(team);
      const kept = await installations.get(team);
      if (!kept || kept.installedAt > at || (token !== undefined && kept.token !== token)) return false;
      await installations.remove(team);
      return true;
    },
    async load() {
      for (const [team, installation] of await installations.all()) known.set(team, installation);
    },
    all: async () => new Map([...(await installations.all())].map(([team, { token }]) => [team, token])),
    isRevoked: () => false,
  };
}
