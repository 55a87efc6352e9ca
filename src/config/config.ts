import { z } from "zod";
import type { AlertChannel } from "../contract/alerts.ts";
import type { Proxies } from "../flow/proxies.ts";
import type { ProviderDefinition } from "../providers/provider.ts";
import { realWorld } from "../world.ts";
import { alertChannels, alertChannelsOf } from "./alerts.ts";
import { databaseProblems, databaseUrl, passwordsIn, withPassword } from "./database.ts";
import { keySecrets, keySecretsOf } from "./keys.ts";
import { configureProviders, type ProviderConfig } from "./providers.ts";
import { proxiesOf } from "./proxies.ts";
import { type SlackConfig, slackConfig, slackProblems } from "./slack.ts";
import { type SpoolConfig, spoolConfig, spoolProblems, spoolUrl } from "./spool.ts";
import { integer, list, oneOf, origin, problem, secret, text, url } from "./values.ts";
import { playgroundOf, type WebConfig, webConfig, webProblems, webVariables } from "./web.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const roles = ["gateway", "worker", "web"] as const;
export type Role = (typeof roles)[number];

export interface DiscordConfig {
  readonly token: string;
  readonly apiUrl: string;
  readonly guildId?: string;
  readonly contentIntent: boolean;
  /** All of them, or those of this process out of `of`. */
  readonly shards: "auto" | number | { readonly ids: readonly number[]; readonly of: number };
}

/** Everything that the environment decides, checked; docs/configuration.md tells it in words. */
export interface Config {
  readonly discord?: DiscordConfig;
  readonly slack?: SlackConfig;
  /** In order of preference; never empty. */
  readonly providers: readonly ProviderConfig[];
  /** Tenants may bring keys of their own, which are sealed under these; the newest first. */
  readonly keySecrets?: readonly [string, ...string[]];
  readonly markupPercent: number;
  readonly userDailyCredits: number;
  readonly userRunning: number;
  readonly userQueued: number;
  /** Jobs of one member that may end unpaid within 24 hours. */
  readonly userUnpaid: number;
  /** Bounds the bytes of one member's files within an hour, and at a time. */
  readonly uploadQuota: { readonly hourlyBytes: number; readonly storedBytes: number };
  /** A platform may be away for so long: what could not be delivered until then is given up. */
  readonly deliveryDays: number;
  readonly tenantMonthlyCredits?: number;
  readonly globalDailyCredits?: number;
  /** Member keys, `discord:1` or `slack:T1:U1`. */
  readonly operators: readonly string[];
  /** Channels in which the operator hears of what needs attention. */
  readonly alertChannels: readonly AlertChannel[];
  /** Tenants and organisations that are served, and `dm`; unset: all. */
  readonly allowedTenants?: readonly string[];
  /** Days; 0 keeps for ever. */
  readonly retention: { readonly contentDays: number; readonly referenceDays: number };
  readonly databaseUrl?: string;
  /** The address of the server itself, where the other is a pooler in transaction mode. */
  readonly databaseDirectUrl?: string;
  readonly dataDir: string;
  /** Images that are encoded anew say that a model made them. */
  readonly marksOrigin: boolean;
  /** Images are on every machine that works. */
  readonly spool?: SpoolConfig;
  readonly roles: readonly Role[];
  /** From SIGTERM to the end of the process. */
  readonly stopTimeoutMs: number;
  readonly host: string;
  readonly port: number;
  readonly playground: boolean;
  readonly web: WebConfig;
  readonly trustedOrigins: readonly string[];
  /** On the way to services and downloads. */
  readonly proxies?: Proxies;
  readonly logLevel: string;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

/** Each problem is one sentence that names its variable. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

const variables = z.object({
  DISCORD_TOKEN: secret.optional(),
  DISCORD_API_URL: url.default("https://discord.com/api"),
  DISCORD_GUILD_ID: text(/^\d+$/, "must be the number of a server").optional(),
  DISCORD_CONTENT_INTENT: oneOf(["on", "off"]).default("off"),
  DISCORD_SHARDS: text(/^(auto|[1-9]\d*|\d+(-\d+)?\/[1-9]\d*)$/, 'must be "auto", a number, or a part such as 0-3/8')
    .refine((value) => shardsOf(value) !== undefined, { message: "must name shards below their number, such as 0-3/8" })
    .default("auto"),
  SLACK_BOT_TOKEN: text(/^xoxb-/, "must be a bot token, which begins with xoxb-").optional(),
  SLACK_APP_TOKEN: text(/^xapp-/, "must be an app-level token, which begins with xapp-").optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_CLIENT_ID: text(/./, "").optional(),
  SLACK_CLIENT_SECRET: secret.optional(),
  SLACK_STATE_SECRET: text(/^\S{16,}$/, "must have at least 16 characters, and no spaces").optional(),
  SLACK_API_URL: url.default("https://slack.com/api/"),
  PROVIDERS: list.optional(),
  KEYS_SECRET: keySecrets.optional(),
  PRICE_MARKUP_PERCENT: integer(0, 1000).default(0),
  USER_DAILY_CREDITS: integer(0).default(1000),
  USER_RUNNING: integer(1, 100).default(1),
  USER_QUEUED: integer(1, 10_000).default(20),
  USER_UNPAID: integer(1, 10_000).default(5),
  USER_UPLOAD_MB: integer(1, 1_000_000).default(1000),
  USER_STORED_MB: integer(1, 1_000_000).default(5000),
  DELIVERY_DAYS: integer(1, 365).default(7),
  TENANT_MONTHLY_CREDITS: integer(0).optional(),
  GLOBAL_DAILY_CREDITS: integer(0).optional(),
  OPERATORS: list
    .refine((names) => names.every((name) => /^(discord:\d+|slack:\w+:\w+)$/.test(name)), {
      message: "must be a list such as discord:123,slack:T123:U456",
    })
    .default([]),
  ALERT_CHANNELS: alertChannels,
  ALLOWED_TENANTS: list
    .refine((names) => names.every((name) => /^(dm|discord:guild:\d+|slack:[TE]\w+)$/.test(name)), {
      message: "must be a list such as discord:guild:123,slack:T123,slack:E123,dm",
    })
    .optional(),
  RETENTION_DAYS: integer(0, 36_500).default(30),
  REFERENCE_RETENTION_DAYS: integer(0, 36_500).default(7),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  PGPASSWORD: text(/./, "").optional(),
  DATA_DIR: text(/./, "").default("./data"),
  ORIGIN_MARK: oneOf(["on", "off"]).default("on"),
  SPOOL_URL: spoolUrl.optional(),
  SPOOL_ACCESS_KEY_ID: secret.optional(),
  SPOOL_SECRET_ACCESS_KEY: secret.optional(),
  ROLES: list
    .refine((names) => names.length > 0 && names.every((name) => roles.some((role) => role === name)), {
      message: `must be a list of ${roles.join(", ")}`,
    })
    .default([...roles]),
  STOP_TIMEOUT_MS: integer(1000, 3_600_000).default(15_000),
  ...webVariables,
  TRUSTED_ORIGINS: list
    .refine((origins) => origins.every((value) => origin(value) === value), {
      message: "must be a list of origins such as http://10.0.0.5:9000, without a path",
    })
    .default([]),
  LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  LOCALE: oneOf(["en", "zh-CN"]).default("en"),
});

type Variables = z.output<typeof variables>;

/**
 * Reads the environment; an empty variable is an unset one. `now`, milliseconds since 1970, decides which models have
 * ended. Throws ConfigError with every problem at once.
 */
export function loadConfig(
  environment: Environment,
  definitions: readonly ProviderDefinition[],
  now: number = realWorld().now(),
): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = variables.safeParse(given);
  const { proxies, problems: ofProxies } = proxiesOf(given);
  const services = configureProviders(given, definitions, { proxies, now });
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => problem(String(issue.path[0]), issue.message)),
    ...services.problems,
    ...ofProxies,
    ...slackProblems(given),
    ...webProblems(given),
    ...spoolProblems(given),
    ...databaseProblems(given),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...assemble(parsed.data, services.providers), ...(proxies ? { proxies } : {}) });
}

function assemble(v: Variables, providers: readonly ProviderConfig[]): Config {
  const slack = slackConfig(v);
  const sealing = keySecretsOf(v.KEYS_SECRET);
  const anyPlatform = v.DISCORD_TOKEN !== undefined || slack !== undefined;
  return {
    ...(v.DISCORD_TOKEN ? { discord: discordConfig(v, v.DISCORD_TOKEN) } : {}),
    ...(slack ? { slack } : {}),
    providers,
    ...(sealing ? { keySecrets: sealing } : {}),
    markupPercent: v.PRICE_MARKUP_PERCENT,
    userDailyCredits: v.USER_DAILY_CREDITS,
    userRunning: v.USER_RUNNING,
    userQueued: v.USER_QUEUED,
    userUnpaid: v.USER_UNPAID,
    uploadQuota: { hourlyBytes: v.USER_UPLOAD_MB * 1_000_000, storedBytes: v.USER_STORED_MB * 1_000_000 },
    deliveryDays: v.DELIVERY_DAYS,
    ...(v.TENANT_MONTHLY_CREDITS === undefined ? {} : { tenantMonthlyCredits: v.TENANT_MONTHLY_CREDITS }),
    ...(v.GLOBAL_DAILY_CREDITS === undefined ? {} : { globalDailyCredits: v.GLOBAL_DAILY_CREDITS }),
    operators: v.OPERATORS,
    alertChannels: alertChannelsOf(v.ALERT_CHANNELS, v.LOCALE),
    ...(v.ALLOWED_TENANTS === undefined ? {} : { allowedTenants: v.ALLOWED_TENANTS }),
    retention: { contentDays: v.RETENTION_DAYS, referenceDays: v.REFERENCE_RETENTION_DAYS },
    ...databaseConfig(v),
    dataDir: v.DATA_DIR,
    marksOrigin: v.ORIGIN_MARK === "on",
    ...(v.SPOOL_URL === undefined
      ? {}
      : { spool: spoolConfig(v.SPOOL_URL, v.SPOOL_ACCESS_KEY_ID, v.SPOOL_SECRET_ACCESS_KEY) }),
    roles: v.ROLES as Role[],
    stopTimeoutMs: v.STOP_TIMEOUT_MS,
    host: v.HOST,
    port: v.PORT,
    playground: playgroundOf(v, anyPlatform),
    web: webConfig(v),
    trustedOrigins: trusted(v, providers),
    logLevel: v.LOG_LEVEL,
    secrets: secretsOf(v, providers),
  };
}

function databaseConfig(v: Variables): Pick<Config, "databaseUrl" | "databaseDirectUrl"> {
  const url = withPassword(v.DATABASE_URL, v.PGPASSWORD);
  const directUrl = withPassword(v.DATABASE_DIRECT_URL, v.PGPASSWORD);
  return { ...(url ? { databaseUrl: url } : {}), ...(directUrl ? { databaseDirectUrl: directUrl } : {}) };
}

function discordConfig(v: Variables, token: string): DiscordConfig {
  return {
    token,
    apiUrl: v.DISCORD_API_URL,
    ...(v.DISCORD_GUILD_ID === undefined ? {} : { guildId: v.DISCORD_GUILD_ID }),
    contentIntent: v.DISCORD_CONTENT_INTENT === "on",
    shards: shardsOf(v.DISCORD_SHARDS) ?? "auto",
  };
}

/** A base URL that the operator configured is one that images may come from. */
function trusted(v: Variables, providers: readonly ProviderConfig[]): string[] {
  const bases = [v.DISCORD_API_URL, v.SLACK_API_URL, ...providers.map(({ settings }) => settings.baseUrl)];
  const origins = bases.map(origin).filter((value) => value !== undefined);
  return [...new Set([...v.TRUSTED_ORIGINS, ...origins])];
}

function secretsOf(v: Variables, providers: readonly ProviderConfig[]): string[] {
  const named = [
    v.DISCORD_TOKEN,
    v.SLACK_BOT_TOKEN,
    v.SLACK_APP_TOKEN,
    v.SLACK_SIGNING_SECRET,
    v.SLACK_CLIENT_SECRET,
    v.SLACK_STATE_SECRET,
    v.DASHBOARD_PASSWORD,
    v.METRICS_TOKEN,
    v.SEAL_SECRET,
    ...(v.KEYS_SECRET ?? []),
    v.GRANTS_TOKEN,
    v.SPOOL_SECRET_ACCESS_KEY,
    v.PGPASSWORD,
    ...passwordsIn(v.DATABASE_URL),
    ...passwordsIn(v.DATABASE_DIRECT_URL),
    ...providers.map(({ settings }) => settings.apiKey),
  ];
  return named.filter((value): value is string => value !== undefined && value !== "");
}

/** `auto`, `8`, or `0-3/8`: shards 0 to 3 of 8. */
function shardsOf(value: string): DiscordConfig["shards"] | undefined {
  const { first, last = first, of } = /^(?<first>\d+)(?:-(?<last>\d+))?\/(?<of>\d+)$/.exec(value)?.groups ?? {};
  if (of === undefined) return value === "auto" ? "auto" : Number(value);
  const ids = Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, id) => Number(first) + id);
  return ids.length > 0 && Number(last) < Number(of) ? { ids, of: Number(of) } : undefined;
}
