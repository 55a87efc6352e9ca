import type { WebClient } from "@slack/web-api";
import type { PlatformContext } from "../platform.ts";
import type { Followers } from "./follow.ts";

/** How to reach one Slack workspace. */
export interface SlackOptions {
  readonly botToken: string;
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
  readonly client: WebClient;
  readonly followers: Followers;
}
