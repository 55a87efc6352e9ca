/** Options for being installed in many workspaces. */
export interface OAuthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly stateSecret: string;
  /** `https://atelier.example`: below it are `/slack/install` and `/slack/oauth_redirect`. */
  readonly publicUrl: string;
}

/** Options for reaching one Slack workspace, or many. */
export interface SlackOptions {
  /** The token of the one workspace; without it, `oauth` is there. */
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
