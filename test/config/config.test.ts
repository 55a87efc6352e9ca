import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config/config.ts";
import type { ProviderDefinition } from "../../src/providers/provider.ts";

const create = () => {
  throw new Error("not in this test");
};
const services: ProviderDefinition[] = [
  {
    name: "alpha",
    prefix: "ALPHA",
    defaultBaseUrl: "https://alpha.example/v1",
    defaultTimeoutMs: 180_000,
    needsKey: true,
    variables: {},
    create,
  },
  {
    name: "beta",
    prefix: "BETA",
    defaultTimeoutMs: 600_000,
    needsKey: true,
    variables: {
      BETA_PRICE_USD: { must: "must be a price in US dollars", accepts: (value) => /^\d+(\.\d+)?$/.test(value) },
    },
    create,
  },
  {
    name: "sandbox",
    prefix: "SANDBOX",
    defaultBaseUrl: "",
    defaultTimeoutMs: 60_000,
    needsKey: false,
    variables: {},
    create,
  },
];

const load = (environment: Record<string, string>) => loadConfig(environment, services);
const problemsOf = (environment: Record<string, string>) => {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test("needs nothing: the playground with the sandbox on the loopback address", () => {
  const config = load({});
  expect(config).toMatchObject({
    host: "127.0.0.1",
    port: 8080,
    playground: true,
    dataDir: "./data",
    userDailyCredits: 1000,
    userRunning: 1,
    userQueued: 20,
    markupPercent: 0,
    logLevel: "info",
    roles: ["gateway", "worker", "web"],
  });
  expect(config.providers.map(({ definition }) => definition.name)).toEqual(["sandbox"]);
  expect(config.discord).toBeUndefined();
  expect(Object.isFrozen(config)).toBe(true);
});

test("reports every problem at once, each in a sentence that names its variable", () => {
  const problems = problemsOf({ PORT: "http", USER_RUNNING: "0", PROVIDERS: "alpha,gamma", DATABASE_URL: "mysql://x" });
  expect(problems).toHaveLength(5);
  for (const name of ["PORT", "USER_RUNNING", "PROVIDERS", "ALPHA_API_KEY", "DATABASE_URL"]) {
    expect(problems.filter((sentence) => sentence.startsWith(`${name} `) && sentence.endsWith("."))).toHaveLength(1);
  }
});

test.each([
  ["PORT", "65536"],
  ["PORT", "80.5"],
  ["DISCORD_API_URL", "discord.com"],
  ["DISCORD_GUILD_ID", "my server"],
  ["DISCORD_CONTENT_INTENT", "yes"],
  ["DISCORD_SHARDS", "0"],
  ["DISCORD_SHARDS", "3-2/8"],
  ["DISCORD_SHARDS", "0-8/8"],
  ["SLACK_BOT_TOKEN", "xoxp-1"],
  ["SLACK_APP_TOKEN", "abc"],
  ["PRICE_MARKUP_PERCENT", "-1"],
  ["USER_DAILY_CREDITS", "many"],
  ["USER_QUEUED", "0"],
  ["TENANT_MONTHLY_CREDITS", "1.5"],
  ["GLOBAL_DAILY_CREDITS", "x"],
  ["OPERATORS", "alice"],
  ["ROLES", "boss"],
  ["PUBLIC_URL", "atelier"],
  ["DASHBOARD_PASSWORD", "eleven char"],
  ["DASHBOARD_PASSWORD", "password1234"],
  ["TRUSTED_PROXIES", "my-proxy"],
  ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ["TRUSTED_PROXIES", "0.0.0.0/0"],
  ["METRICS_TOKEN", "short"],
  ["GRANTS_TOKEN", "not-of-thirty-two-characters"],
  ["KEYS_SECRET", "too-short"],
  ["KEYS_SECRET", `${"a".repeat(32)},short`],
  ["KEYS_SECRET", `${"a".repeat(32)} ${"b".repeat(32)}`],
  ["METRICS_PORT", "0"],
  ["PLAYGROUND", "maybe"],
  ["TRUSTED_ORIGINS", "http://10.0.0.5:9000/path"],
  ["LOG_LEVEL", "loud"],
  ["LOCALE", "fr"],
])("refuses a wrong %s (%s)", (name, value) => {
  expect(problemsOf({ [name]: value }).some((sentence) => sentence.startsWith(`${name} `))).toBe(true);
});

test("keeps content for 30 days and what it was made from for 7, or as long as is said", () => {
  expect(load({}).retention).toEqual({ contentDays: 30, referenceDays: 7 });
  const said = load({ RETENTION_DAYS: "0", REFERENCE_RETENTION_DAYS: "1" });
  expect(said.retention).toEqual({ contentDays: 0, referenceDays: 1 });
  expect(problemsOf({ RETENTION_DAYS: "-1", REFERENCE_RETENTION_DAYS: "a week" })).toHaveLength(2);
});

test("hides each of the secrets that seal keys, the newest of which seals", () => {
  const [now, before] = ["n".repeat(32), "b".repeat(40)];
  const { keySecrets, secrets } = load({ KEYS_SECRET: `${now}, ${before}` });
  expect(keySecrets).toEqual([now, before]);
  expect(secrets).toEqual(expect.arrayContaining([now, before]));
  expect(load({}).keySecrets).toBeUndefined();
});

test("takes an empty variable for an unset one", () => {
  expect(load({ PORT: "", DISCORD_TOKEN: "", ALPHA_API_KEY: "" }).port).toBe(8080);
});

test("uses every service whose key is set, in the order of the list, or as PROVIDERS says", () => {
  const keys = {
    ALPHA_API_KEY: "a-key",
    BETA_API_KEY: "b-key",
    BETA_BASE_URL: "http://b.example",
    BETA_PRICE_USD: "0.04",
  };
  const names = (environment: Record<string, string>) =>
    load(environment).providers.map(({ definition }) => definition.name);
  expect(names(keys)).toEqual(["alpha", "beta"]);
  expect(names({ ...keys, PROVIDERS: "beta, sandbox" })).toEqual(["beta", "sandbox"]);
});

test("gives a service its own settings, and asks for what it needs", () => {
  const [alpha] = load({ ALPHA_API_KEY: "a-key", ALPHA_CONCURRENCY: "9", ALPHA_TIMEOUT_MS: "1000" }).providers;
  expect(alpha?.settings).toEqual({
    apiKey: "a-key",
    baseUrl: "https://alpha.example/v1",
    concurrency: 9,
    timeoutMs: 1000,
    extra: {},
  });
  const [defaults] = load({ ALPHA_API_KEY: "a-key" }).providers;
  expect(defaults?.settings).toMatchObject({ concurrency: 4, timeoutMs: 180_000 });
  const problems = problemsOf({ BETA_API_KEY: "b-key", ALPHA_API_KEY: "a-key", ALPHA_BASE_URL: "ftp://x" });
  expect(problems.map((sentence) => sentence.split(" ")[0]).sort()).toEqual([
    "ALPHA_BASE_URL",
    "BETA_BASE_URL",
    "BETA_PRICE_USD",
  ]);
});

test("never repeats a value in its report, because it may be a secret", () => {
  expect(problemsOf({ SLACK_BOT_TOKEN: "my-secret-token", DASHBOARD_PASSWORD: "hunter2" }).join()).not.toMatch(
    /my-secret|hunter2/,
  );
});

test("refuses half of a Slack configuration", () => {
  expect(problemsOf({ SLACK_BOT_TOKEN: "xoxb-1" })[0]).toContain("SLACK_APP_TOKEN");
  expect(problemsOf({ SLACK_APP_TOKEN: "xapp-1" })[0]).toContain("SLACK_BOT_TOKEN");
  expect(load({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" }).slack).toMatchObject({
    botToken: "xoxb-1",
    appToken: "xapp-1",
  });
});

test("takes either one workspace's token in Slack, or all that many workspaces need", () => {
  const many = {
    SLACK_CLIENT_ID: "1.2",
    SLACK_CLIENT_SECRET: "client-secret",
    SLACK_STATE_SECRET: "a-secret-of-my-own",
    SLACK_SIGNING_SECRET: "signing",
    PUBLIC_URL: "https://atelier.example",
  };
  expect(load(many).slack).toMatchObject({ oauth: { clientId: "1.2", publicUrl: "https://atelier.example" } });
  expect(load(many).secrets).toEqual(expect.arrayContaining(["client-secret", "a-secret-of-my-own"]));
  for (const name of Object.keys(many).filter((key) => key !== "SLACK_SIGNING_SECRET")) {
    expect(problemsOf({ ...many, [name]: "" })[0]).toContain(name);
  }
  expect(problemsOf({ ...many, SLACK_SIGNING_SECRET: "" })[0]).toContain("SLACK_APP_TOKEN");
  expect(problemsOf({ ...many, SLACK_BOT_TOKEN: "xoxb-1" })[0]).toContain("SLACK_BOT_TOKEN");
  expect(problemsOf({ ...many, SLACK_STATE_SECRET: "short" })[0]).toContain("SLACK_STATE_SECRET");
});

test("opens the playground to nobody else without a password", () => {
  expect(load({ HOST: "0.0.0.0" }).playground).toBe(false);
  expect(load({ HOST: "0.0.0.0", DASHBOARD_PASSWORD: "a lantern by the sea" }).playground).toBe(true);
  expect(problemsOf({ HOST: "0.0.0.0", PLAYGROUND: "on" })[0]).toContain("DASHBOARD_PASSWORD");
  expect(problemsOf({ PUBLIC_URL: "https://draw.example", PLAYGROUND: "on" })[0]).toContain("DASHBOARD_PASSWORD");
  expect(load({ PUBLIC_URL: "https://draw.example" }).playground).toBe(false);
  expect(load({ PUBLIC_URL: "https://draw.example", DASHBOARD_PASSWORD: "a lantern by the sea" }).playground).toBe(
    true,
  );
  expect(load({ DISCORD_TOKEN: "token" }).playground).toBe(false);
  expect(load({ DISCORD_TOKEN: "token", PLAYGROUND: "on" }).playground).toBe(true);
});

test("believes nobody about where a visitor is, but the proxies that are named", () => {
  expect(load({}).web.trustedProxies).toEqual([]);
  const proxies = ["loopback", "10.0.0.5", "172.16.0.0/12", "2001:db8::/32"];
  expect(load({ TRUSTED_PROXIES: proxies.join(", ") }).web.trustedProxies).toEqual(proxies);
});

test("opens the metrics by a token or a port of their own", () => {
  expect(load({}).web.metrics).toEqual({});
  const config = load({ METRICS_TOKEN: "sixteen-characters", METRICS_PORT: "9464" });
  expect(config.web.metrics).toEqual({ token: "sixteen-characters", port: 9464 });
  expect(config.secrets).toContain("sixteen-characters");
  expect(problemsOf({ METRICS_PORT: "8080" })[0]).toContain("METRICS_PORT");
});

test("trusts the origins that the operator configured, and knows which values are secret", () => {
  const config = load({
    DISCORD_TOKEN: "discord-secret",
    DISCORD_API_URL: "http://127.0.0.1:5000/api",
    ALPHA_API_KEY: "alpha-secret",
    DATABASE_URL: "postgres://me:database-secret@localhost/atelier",
    TRUSTED_ORIGINS: "http://10.0.0.5:9000",
  });
  expect(config.trustedOrigins).toEqual(
    expect.arrayContaining(["http://127.0.0.1:5000", "http://10.0.0.5:9000", "https://alpha.example"]),
  );
  expect(config.secrets).toEqual(["discord-secret", "database-secret", "alpha-secret"]);
});
