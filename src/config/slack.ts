/** Tells how the bot reaches Slack: one workspace by its token, or many that install it. */
export interface SlackConfig {
  readonly botToken?: string;
  /** Without a bot token. */
  readonly oauth?: {
    readonly clientId: string;
    readonly clientSecret: string;
    /** Signs what comes back from Slack's page, and seals the installations. */
    readonly stateSecret: string;
    readonly publicUrl: string;
  };
  readonly appToken?: string;
  readonly signingSecret?: string;
  readonly apiUrl: string;
  /** For members whose language Slack does not tell. */
  readonly locale: string;
}

/** The variables that it is read from. */
interface SlackVariables {
  readonly SLACK_BOT_TOKEN?: string | undefined;
  readonly SLACK_APP_TOKEN?: string | undefined;
  readonly SLACK_SIGNING_SECRET?: string | undefined;
  readonly SLACK_CLIENT_ID?: string | undefined;
  readonly SLACK_CLIENT_SECRET?: string | undefined;
  readonly SLACK_STATE_SECRET?: string | undefined;
  readonly PUBLIC_URL?: string | undefined;
}

const installing = ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_STATE_SECRET"] as const;

/** Reads the configuration of Slack; undefined when it is off. */
export function slackConfig(
  v: SlackVariables & { readonly SLACK_API_URL: string; readonly LOCALE: string },
): SlackConfig | undefined {
  const { SLACK_CLIENT_ID: clientId, SLACK_CLIENT_SECRET: clientSecret, SLACK_STATE_SECRET: stateSecret } = v;
  const publicUrl = v.PUBLIC_URL;
  const oauth =
    clientId && clientSecret && stateSecret && publicUrl
      ? { clientId, clientSecret, stateSecret, publicUrl }
      : undefined;
  if (v.SLACK_BOT_TOKEN === undefined && !oauth) return undefined;
  return {
    ...(v.SLACK_BOT_TOKEN === undefined ? {} : { botToken: v.SLACK_BOT_TOKEN }),
    ...(oauth ? { oauth } : {}),
    ...(v.SLACK_APP_TOKEN === undefined ? {} : { appToken: v.SLACK_APP_TOKEN }),
    ...(v.SLACK_SIGNING_SECRET === undefined ? {} : { signingSecret: v.SLACK_SIGNING_SECRET }),
    apiUrl: v.SLACK_API_URL,
    locale: v.LOCALE,
  };
}

/** Problems of their combination, one sentence each. */
export function slackProblems(given: SlackVariables): string[] {
  const connects = Boolean(given.SLACK_APP_TOKEN ?? given.SLACK_SIGNING_SECRET);
  const installs = installing.filter((name) => given[name]);
  const [first] = installs;
  if (given.SLACK_BOT_TOKEN) {
    const both = first ? [`SLACK_BOT_TOKEN is for one workspace and ${first} for many: set one of them.`] : [];
    return connects
      ? both
      : [...both, "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)."];
  }
  if (!first) return connects ? ["SLACK_BOT_TOKEN is missing beside the other Slack variables."] : [];
  const missing = [...installing, "PUBLIC_URL" as const].filter((name) => !given[name]);
  return [
    ...missing.map((name) => `${name} is missing: it is required to be installed into many workspaces.`),
    ...(connects ? [] : [`${first} needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).`]),
  ];
}
