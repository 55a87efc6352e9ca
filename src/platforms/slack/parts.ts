import type { PlatformContext } from "../platform.ts";
import type { Workspaces } from "./api/workspaces.ts";
import type { Members } from "./asking/members.ts";
import type { Prices } from "./asking/price.ts";
import type { Home } from "./home/home.ts";
import type { Followers } from "./showing/follow.ts";

/** How to become installed in many workspaces. */
export interface OAuthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stateSecret: string;
  /** `https://atelier.example`: below it are `/slack/install` and `/slack/oauth_redirect`. */
  readonly publicUrl: string;
}

/** How to reach one Slack workspace, or many. */
export interface SlackOptions {
  /** Of the one workspace; without it, `oauth` is there. */
  readonly botToken?: string | undefined;
  readonly oauth?: OAuthOptions | undefined;
  /** With it: Socket Mode. */
  readonly appToken?: string | undefined;
  /** With it, and without an app token: HTTP at /slack/events. */
  readonly signingSecret?: string | undefined;
  /** `https://slack.com/api/`. */
  readonly apiUrl: string;
  /** For members whose language Slack does not tell. */
  readonly locale: string;
}

/** What the files of this platform share. */
export interface Parts {
  readonly options: SlackOptions;
  readonly context: PlatformContext;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly followers: Followers;
  readonly prices: Prices;
  readonly home: Home;
}
