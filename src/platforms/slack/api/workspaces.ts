import type { WebClient } from "@slack/web-api";
import type { PlatformContext } from "../../platform.ts";
import type { SlackOptions } from "../options.ts";
import { slackClient } from "./client.ts";
import { faultOf } from "./faults.ts";
import { createInstallations } from "./installations.ts";
import { createPacer } from "./pacer.ts";
import { manyTokens, type Origin, oneToken, type Tokens } from "./tokens.ts";

/** Options of a call. */
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
  /**
   * The workspace in which the app is installed: one member has one account there, also in a channel that is shared with
   * another organisation. Undefined when it is for another installation.
   */
  resolve(origin: Origin): Promise<string | undefined>;
  /** The workspace or organisation whose installation serves it. */
  installation(team: string): Promise<string>;
  /** Throws as when the app is not installed. */
  token(team: string): Promise<string>;
  /** Somebody has installed the app, in a workspace or for a whole organisation. */
  installed(place: string, token: string): Promise<void>;
  /** The app was removed from there, unless it was installed again after `at` (milliseconds since 1970). */
  removed(place: string, at: number): Promise<void>;
  /** Knows all installations from now on without asking the store, or whose the one token is. Throws what the Web API throws. */
  load(): Promise<void>;
  /** Every workspace with its token, for a check. */
  all(): Promise<ReadonlyMap<string, string>>;
  /** The one workspace that there is, when it has removed the app. */
  isRevoked(): boolean;
}

const usualPatienceMs = 10_000;

export function createWorkspaces(options: SlackOptions, context: PlatformContext): Workspaces {
  const pacer = createPacer(context.world);
  const tokens =
    options.botToken === undefined ? installedTokens(context) : givenToken(options.botToken, options, context);
  const clients = new Map<string, WebClient>();

  const clientFor = (token: string): WebClient => {
    const known = clients.get(token) ?? slackClient(token, options.apiUrl, context.log);
    clients.set(token, known);
    return known;
  };
  const leave = async (place: string, token: string | undefined, at: number) => {
    const gone = await tokens.forget(place, token, at);
    if (gone.length > 0 && token !== undefined) clients.delete(token);
    for (const team of gone) {
      context.log.warn({ team }, "Slack: the app is no longer installed in this workspace");
      await context.usecases.tenantGone(`slack:${team}`);
    }
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
    resolve: (origin) => tokens.resolve(origin),
    installation: (team) => tokens.installation(team),
    token: (team) => tokens.get(team),
    installed: (place, token) => tokens.put(place, { token, installedAt: context.world.now() }),
    removed: (place, at) => leave(place, undefined, at),
    load: () => tokens.load(),
    all: () => tokens.all(),
    isRevoked: () => tokens.isRevoked(),
  };
}

function laneOf(team: string, { method, channel, order }: How) {
  return { pace: `${team}:${method}:${channel ?? ""}`, order: order === undefined ? undefined : `${team}:${order}` };
}

function givenToken(token: string, { apiUrl }: SlackOptions, { log }: PlatformContext): Tokens {
  return oneToken(token, async () => {
    const { team_id, enterprise_id, ...more } = await slackClient(token, apiUrl, log).auth.test();
    const { is_enterprise_install } = more as { readonly is_enterprise_install?: boolean };
    return { team: is_enterprise_install ? undefined : team_id, organisation: enterprise_id };
  });
}

function installedTokens({ installations, seal, cache, world }: PlatformContext): Tokens {
  if (!installations) throw new Error("Slack in many workspaces needs a store for its installations.");
  return manyTokens(createInstallations(installations, seal), cache, world.now);
}
