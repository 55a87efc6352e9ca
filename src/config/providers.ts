import type { ZodSafeParseResult } from "zod";
import type { Proxies } from "../flow/proxies.ts";
import { apiKeyProblem, type KeyProblem } from "../providers/api-key.ts";
import type { ProviderDefinition, ProviderSettings } from "../providers/provider.ts";
import { realWorld } from "../world.ts";
import { baseAddress, integer, problem } from "./values.ts";

/** A service that is in use, with its checked settings. */
export interface ProviderConfig {
  readonly definition: ProviderDefinition;
  readonly settings: ProviderSettings;
}

type Environment = Readonly<Record<string, string | undefined>>;

const keyMust: Readonly<Record<KeyProblem, string>> = {
  spaces: "must not contain spaces",
  signs: "must be the whole key, in plain letters, digits and signs: no “…”",
  quotes: "must be the key alone, without quotation marks",
};

const defaultConcurrency = "4";

/** The services in order of preference: those that PROVIDERS names, else every one with a key, else the sandbox. */
export function configureProviders(
  env: Environment,
  definitions: readonly ProviderDefinition[],
  { proxies, now = realWorld().now() }: { readonly proxies?: Proxies | undefined; readonly now?: number } = {},
): { providers: ProviderConfig[]; problems: string[] } {
  const problems: string[] = [];
  const chosen = choose(env, definitions, problems);
  const providers = chosen.map((definition) => {
    const wrongAlone = problems.length;
    const settings = settingsOf(env, definition, problems);
    if (problems.length === wrongAlone) problems.push(...(definition.problems?.(settings.extra, now) ?? []));
    return { definition, settings: proxies ? { ...settings, proxies } : settings };
  });
  return { providers, problems };
}

function choose(
  env: Environment,
  definitions: readonly ProviderDefinition[],
  problems: string[],
): ProviderDefinition[] {
  const keyed = definitions.filter((one) => one.needsKey && env[`${one.prefix}_API_KEY`]);
  const keyless = definitions.filter((one) => !one.needsKey);
  const names = env.PROVIDERS?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (!names || names.length === 0) return keyed.length > 0 ? keyed : keyless;
  return names.flatMap((name) => {
    const found = definitions.find((one) => one.name === name);
    if (!found) problems.push(`PROVIDERS names ${name}; there are ${definitions.map((one) => one.name).join(", ")}.`);
    return found ?? [];
  });
}

function settingsOf(env: Environment, definition: ProviderDefinition, problems: string[]): ProviderSettings {
  const { prefix, defaultBaseUrl, defaultTimeoutMs, needsKey } = definition;
  const named = (suffix: string) => env[`${prefix}_${suffix}`];
  const apiKey = named("API_KEY") ?? "";
  // Without a key of the operator's, those of tenants are what it is called by.
  if (needsKey && apiKey === "" && !env.KEYS_SECRET)
    problems.push(problem(`${prefix}_API_KEY`, `is missing, and PROVIDERS names ${definition.name}`));
  const wrong = apiKeyProblem(apiKey);
  if (wrong) problems.push(problem(`${prefix}_API_KEY`, keyMust[wrong]));
  const baseUrl = named("BASE_URL") ?? defaultBaseUrl;
  if (baseUrl === undefined) problems.push(problem(`${prefix}_BASE_URL`, `is required with ${definition.name}`));
  else check(`${prefix}_BASE_URL`, baseAddress.safeParse(baseUrl || "http://localhost"), problems);
  return {
    apiKey,
    baseUrl: baseUrl ?? "",
    concurrency:
      check(
        `${prefix}_CONCURRENCY`,
        integer(1, 1000).safeParse(named("CONCURRENCY") ?? defaultConcurrency),
        problems,
      ) ?? 1,
    timeoutMs:
      check(`${prefix}_TIMEOUT_MS`, integer(1).safeParse(named("TIMEOUT_MS") ?? String(defaultTimeoutMs)), problems) ??
      1,
    extra: extraOf(env, definition, problems),
  };
}

function extraOf(
  env: Environment,
  { variables, name }: ProviderDefinition,
  problems: string[],
): Record<string, string> {
  const extra: Record<string, string> = {};
  for (const [variable, { must, accepts, fallback }] of Object.entries(variables)) {
    const value = env[variable] ?? fallback;
    if (value === undefined) problems.push(problem(variable, `is required with ${name}: it ${must}`));
    else if (!accepts(value)) problems.push(problem(variable, must));
    else extra[variable] = value;
  }
  return extra;
}

function check<Value>(variable: string, result: ZodSafeParseResult<Value>, problems: string[]): Value | undefined {
  if (!result.success) problems.push(problem(variable, result.error.issues[0]?.message ?? "is wrong"));
  return result.data;
}
